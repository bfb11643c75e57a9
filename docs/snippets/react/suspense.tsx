import { useSuspenseMessages } from '@holdfast/react/suspense'
import { Suspense } from 'react'

function Room({ name }: { name: string }) {
  const { messages } = useSuspenseMessages(name, { from: 'earliest' })
  return <p>{messages.length} messages</p>
}

export function Page() {
  return (
    <Suspense fallback={<p>Loading …</p>}>
      <Room name="room:42" />
    </Suspense>
  )
}
