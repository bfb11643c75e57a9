import type { Message } from '@holdfast/core'
// #region element
import { Channel } from '@holdfast/react'
// #endregion

export function PrivateChannel({ token, ring }: { token: string; ring: (message: Message) => void }) {
  return (
    <>
      {/* #region element */}
      <Channel channel="private-room" event="message" handler={ring} params={{ token }} />
      {/* #endregion */}
    </>
  )
}
