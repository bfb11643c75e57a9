import type { Message } from '@holdfast/core'
import { useChannel } from '@holdfast/react'

export function Bell({ room, onRing }: { room: string | null; onRing: (message: Message) => void }) {
  const { status } = useChannel(room, 'message', onRing, { onGap: (gap) => console.warn(gap.reason) })
  return <span title={status.status}>🔔</span>
}
