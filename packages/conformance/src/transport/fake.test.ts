import {
  createFakeTransport,
  createVirtualClock,
  type FakeLink,
  type FakeTransport,
} from '@holdfast/core/testing'
import type { PeerSocket } from './peer.ts'
import { transportSuite } from './suite.ts'

function peerSocket(link: FakeLink): PeerSocket {
  const received: string[] = []
  let closure: PeerSocket['closure'] = null
  link.onFrame = (_frame, text) => received.push(text)
  link.onEnd = (ending) => {
    closure = ending
  }
  return {
    received,
    get closure() {
      return closure
    },
    send: (text) => link.send(text),
    sendBinary: () => undefined,
    close: (code, reason) => link.close(code, reason),
    cut: () => link.cut(),
    goSilent: () => link.goSilent(),
  }
}

transportSuite({
  name: 'fake',
  capabilities: { closeCodes: true, binary: 'it carries text only' },
  async start() {
    const clock = createVirtualClock()
    const sockets: PeerSocket[] = []
    const server = (options: { onLink: (link: FakeLink) => void }): FakeTransport =>
      createFakeTransport({ clock, peers: 3, ...options })
    return {
      transport: server({
        onLink: (link) => {
          sockets.push(peerSocket(link))
          link.accept()
        },
      }),
      refused: server({ onLink: (link) => link.close(1006) }),
      sockets,
      tick: () => clock.advance(1),
      stop: async () => undefined,
    }
  },
})
