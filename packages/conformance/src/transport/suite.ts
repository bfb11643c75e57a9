/** What every transport holds to: the laws beside the `Transport` interface, one by one. */
import type { Socket, Transport, TransportClosure } from '@holdfast/core'
import type { ServerFrame } from '@holdfast/core/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PeerSocket, TransportHarness, TransportSuite } from './peer.ts'

/** A socket and everything it told. */
interface Attempt {
  readonly socket: Socket
  readonly log: string[]
  readonly frames: ServerFrame[]
  readonly faults: string[]
  readonly closures: TransportClosure[]
}

/** Real servers are waited for at most this long. */
const PATIENCE_MS = 5_000

export function transportSuite({ name, capabilities, start }: TransportSuite): void {
  describe(`transport: ${name}`, () => {
    let harness: TransportHarness
    beforeEach(async () => {
      harness = await start()
    })
    afterEach(() => harness.stop())

    async function until(isDone: () => boolean): Promise<void> {
      const deadline = Date.now() + PATIENCE_MS
      while (!isDone() && Date.now() < deadline) await harness.tick()
      expect(isDone(), `still not: ${isDone}`).toBe(true)
    }

    async function quiet(): Promise<void> {
      for (let time = 0; time < 20; time++) await harness.tick()
    }

    function attempt(transport: Transport = harness.transport, number = 0): Attempt {
      const made = { log: [], frames: [], faults: [], closures: [] } as Omit<Attempt, 'socket'>
      const socket = transport.open(number, {
        opened: () => made.log.push('opened'),
        frame: (frame) => {
          made.log.push('frame')
          made.frames.push(frame)
        },
        malformed: (fault) => {
          made.log.push('malformed')
          made.faults.push(fault)
        },
        closed: (closure) => {
          made.log.push('closed')
          made.closures.push(closure)
        },
      })
      expect(made.log, 'no event before open has returned').toEqual([])
      return { ...made, socket }
    }

    async function opened(): Promise<Attempt & { peer: PeerSocket }> {
      const before = harness.sockets.length
      const made = attempt()
      await until(() => made.log.length > 0 && harness.sockets.length > before)
      expect(made.log).toEqual(['opened'])
      return { ...made, peer: harness.sockets[before] as PeerSocket }
    }

    it(`opens once, to each of its peers by the attempt's number (${name})`, async () => {
      expect(harness.transport.peers).toBeGreaterThan(1)
      for (const number of [0, 1, 2, 5]) {
        const made = attempt(harness.transport, number)
        await until(() => made.log.length > 0)
        await quiet()
        expect(made.log).toEqual(['opened'])
        made.socket.close(1000)
      }
    })

    it(`tells of a refusal by one \`closed\`, and never throws (${name})`, async () => {
      const made = attempt(harness.refused)
      await until(() => made.log.length > 0)
      await quiet()
      expect(made.log).toEqual(['closed'])
      expect(made.closures[0]?.code).toBe(1006)
      made.socket.send({ type: 'ping', id: 1 })
      made.socket.close(1000)
    })

    it(`carries frames unchanged and in order, both ways (${name})`, async () => {
      const { socket, peer, frames } = await opened()
      const text = 'ä 😀 "quoted" \u2028 \\ \u0000'
      for (let id = 0; id < 500; id++) {
        socket.send({ type: 'publish', id, channel: 'a', messages: [{ id: `m${id}`, data: { id, text } }] })
        peer.send(
          JSON.stringify({
            type: 'messages',
            channel: text,
            items: [{ id: `m${id}`, time: id, data: text }],
          }),
        )
      }
      await until(() => frames.length === 500 && peer.received.length === 500)
      expect(peer.received.map((each) => JSON.parse(each).messages[0].data)).toEqual(
        Array.from({ length: 500 }, (_, id) => ({ id, text })),
      )
      expect(frames[499]).toEqual({
        type: 'messages',
        channel: text,
        items: [{ id: 'm499', time: 499, data: text }],
      })
      expect(frames.map((frame) => (frame.type === 'messages' ? frame.items[0] : null))).toEqual(
        Array.from({ length: 500 }, (_, id) => ({ id: `m${id}`, time: id, data: text })),
      )
    })

    it(`carries a frame of a million characters, both ways (${name})`, async () => {
      const { socket, peer, frames } = await opened()
      const data = 'x'.repeat(1_000_000)
      socket.send({ type: 'publish', id: 1, channel: 'a', messages: [{ id: 'm', data }] })
      peer.send(JSON.stringify({ type: 'messages', channel: 'a', items: [{ id: 'm', time: 1, data }] }))
      await until(() => frames.length === 1 && peer.received.length === 1)
      expect(JSON.parse(peer.received[0] ?? '').messages[0].data).toBe(data)
      expect(frames[0]).toMatchObject({ items: [{ data }] })
    })

    it(`reports text that is no frame, and goes on (${name})`, async () => {
      const { peer, faults, frames, log } = await opened()
      const texts = [
        '',
        '{',
        'null',
        '[]',
        '{"type":"nonsense"}',
        '{"type":"messages","channel":1,"items":[]}',
      ]
      for (const text of texts) peer.send(text)
      peer.send('{"type":"heartbeat"}')
      await until(() => frames.length === 1)
      expect(faults.length).toBe(texts.length)
      expect(log.at(-1)).toBe('frame')
    })

    const { binary, closeCodes } = capabilities
    if (binary === true) {
      it(`reports a binary message as malformed (${name})`, async () => {
        const { peer, faults } = await opened()
        peer.sendBinary(new TextEncoder().encode('{"type":"heartbeat"}'))
        await until(() => faults.length === 1)
      })
    } else it(`has no binary messages (${name}): ${binary}`, () => expect(binary).not.toBe(''))

    if (closeCodes === true) {
      it(`tells the server's close code and reason, after what was sent before (${name})`, async () => {
        for (const [code, reason] of [
          [1000, ''],
          [1012, 'restart'],
          [4401, 'token expired'],
          [4999, 'ünknown'],
        ] as const) {
          const { peer, log, closures } = await opened()
          peer.send('{"type":"heartbeat"}')
          peer.close(code, reason)
          await until(() => closures.length === 1)
          await quiet()
          expect(log).toEqual(['opened', 'frame', 'closed'])
          expect(closures).toEqual([{ code, reason }])
        }
      })

      it(`gives the server the client's close code and reason (${name})`, async () => {
        const { socket, peer, log } = await opened()
        socket.close(4400, 'bad frame')
        await until(() => peer.closure !== null)
        expect(peer.closure).toEqual({ code: 4400, reason: 'bad frame' })
        expect(log).toEqual(['opened'])
      })
    } else it(`has no close codes (${name}): ${closeCodes}`, () => expect(closeCodes).not.toBe(''))

    it(`tells a cut connection as 1006, once (${name})`, async () => {
      const { peer, log, closures } = await opened()
      peer.cut()
      await until(() => closures.length === 1)
      await quiet()
      expect(log).toEqual(['opened', 'closed'])
      expect(closures[0]?.code).toBe(1006)
    })

    it(`says nothing of a silent peer, and lets go of it when told to (${name})`, async () => {
      const { socket, peer, log } = await opened()
      peer.goSilent()
      socket.send({ type: 'ping', id: 1 })
      await quiet()
      expect(log).toEqual(['opened'])
      socket.close()
      await quiet()
      expect(log).toEqual(['opened'])
    })

    it(`tells nothing after close(), whenever it is called (${name})`, async () => {
      const early = attempt()
      early.socket.close(1000)
      early.socket.close(1000)
      const { socket, peer, log } = await opened()
      peer.send('{"type":"heartbeat"}')
      peer.close(1000, '')
      socket.close(1000)
      socket.send({ type: 'ping', id: 1 })
      await quiet()
      expect(log).toEqual(['opened'])
      expect(early.log).toEqual([])
    })
  })
}
