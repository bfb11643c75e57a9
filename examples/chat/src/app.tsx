import { HoldfastProvider } from '@holdfast/react'
import { type ReactElement, useState } from 'react'
import { Entry } from './entry.tsx'
import { forgetPlace, logIn, type Place, rememberedPlace, rememberPlace } from './place.ts'
import { Room } from './room.tsx'
import { openVisit, type Visit } from './visit.ts'

/** The door, or the room of the visit that this tab is on. */
export function App(): ReactElement {
  const [visit, setVisit] = useState<Visit | null>(() => {
    const place = rememberedPlace()
    return place && openVisit(place)
  })

  async function enter(name: string, room: string): Promise<void> {
    const place: Place = { room, pass: await logIn(name) }
    rememberPlace(place)
    setVisit(openVisit(place))
  }

  function leave(): void {
    forgetPlace()
    void visit?.client.close()
    setVisit(null)
  }

  if (!visit) return <Entry onEnter={enter} />
  return (
    <HoldfastProvider client={visit.client}>
      <Room visit={visit} onLeave={leave} />
    </HoldfastProvider>
  )
}
