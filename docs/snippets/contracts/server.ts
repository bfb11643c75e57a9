// #region server
import { createHub, memoryLog } from '@holdfast/server-kit'
import { contract } from '../contract.ts'
// #endregion

export async function hubWithContract() {
  // #region server
  const hub = createHub({
    log: memoryLog(),
    contract,
    channels: {
      'room:{id}': {
        authorize: () => true,
        onPublish: (message, { params, identity }) => {
          // params: { id: string }; message: one of the contract's, as its validator put it out
          if (message.event === 'typing') return { data: { name: identity.id } }
          return params.id !== 'closed'
        },
      },
      'room:lobby': { authorize: ({ action }) => action !== 'publish' },
    },
  })

  await hub.publish('room:lobby', 'notice', 'Welcome')
  // #endregion
  return hub
}
