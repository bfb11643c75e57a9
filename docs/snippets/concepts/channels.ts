import type { Client, Gap, Message } from '@holdfast/core'
import { createHub, memoryLog } from '@holdfast/server-kit'

export function listen(client: Client, show: (message: Message) => void) {
  // #region subscribe
  const room = client.channel('room:42')
  const unsubscribe = room.subscribe((message) => show(message))
  // later
  unsubscribe()
  // #endregion
  return room
}

export async function listenTo(client: Client, ring: (data: unknown) => void, show: (gap: Gap) => void) {
  const room = client.channel('room:42')
  // #region options
  room.subscribe('message', (message) => ring(message.data))

  room.subscribe({ event: 'message', from: { last: 50 }, onGap: show }, (message) => ring(message.data))
  // #endregion
}

export async function listenFrom(client: Client, show: (message: Message) => void, offset: string) {
  const log = client.channel('log')
  const anHourAgo = Date.now() - 3_600_000
  // #region from
  log.subscribe({ from: 'now' }, show) // what is published from here on
  log.subscribe({ from: 'earliest' }, show) // all that the server keeps, then live
  log.subscribe({ from: { last: 20 } }, show) // the last 20, then live
  log.subscribe({ from: { since: anHourAgo } }, show) // what was published since then, then live
  log.subscribe({ from: offset }, show) // all after a message's offset, then live
  // #endregion
}

export async function listenSafely(client: Client, show: (message: Message) => void) {
  // #region ready
  const room = client.channel('room:42')
  const { ready } = room.subscribe(show)
  await ready // the server has given a position
  await room.publish('message', { text: 'hello' }) // `show` gets it, and everything after it
  // #endregion
}

export function watch(client: Client, tell: (text: string) => void) {
  // #region status
  const room = client.channel('room:42')
  room.status$.subscribe((state) => {
    if (state.status === 'subscribed') tell(state.recovered ? 'up to date' : 'something is missing')
    else if (state.status === 'denied') tell(state.error.hint)
    else tell(state.status) // idle, subscribing
  })
  // #endregion
  return room
}

export function observe(client: Client, show: (message: Message) => void, tell: (gap: Gap) => void) {
  const room = client.channel('room:42')
  // #region observables
  room.messages$.subscribe((message) => show(message)) // subscribes to the channel, as `subscribe` does
  room.gap$.subscribe((gap) => tell(gap)) // does not
  console.log(room.status$.value) // states have a value now, too
  // #endregion
}

export function hubWithCursors() {
  // #region ephemeral
  const hub = createHub({
    log: memoryLog(),
    channels: {
      'room:{id}': { authorize: () => true },
      'cursors:{id}': { authorize: () => true, durable: false },
    },
  })
  // #endregion
  return hub
}
