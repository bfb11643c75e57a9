// #region hooks
import { withContract } from '@holdfast/react'
import type { contract } from '../contract.ts'

export const { useChannel, useMessages, usePublish, Channel } = withContract<typeof contract>()
// #endregion

// #region use
export function Room({ id }: { id: string }) {
  const { messages } = useMessages(`room:${id}`, { event: 'message' })
  const { publish } = usePublish(`room:${id}`)
  return (
    <>
      {messages.map((message) => (
        <p key={message.id}>{message.data.text}</p>
      ))}
      <button type="button" onClick={() => publish('message', { text: 'hello' })}>
        Say hello
      </button>
    </>
  )
}
// #endregion
