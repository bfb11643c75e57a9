import { formatOffset, type Item, type Position, parseOffset, seqsOf } from '@holdfast/core/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { MemoryLog } from './log/memory.ts'
import { type FakeClient, turnOfLoop } from './testing/fake-client.ts'
import { endHubs, join, numbers, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

const CHANNEL = 'room'

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await turnOfLoop()
}

/** Small and repeatable. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

/** What one client of a session makes of the frames: those with its number and those with none. */
class Reader {
  readonly client: number
  /** The id of the latest subscribe; 0 where it wants nothing. */
  wanted = 0
  held: Position | null = null
  readonly faults: string[] = []

  constructor(client: number) {
    this.client = client
  }

  read(frames: FakeClient['link']['frames']): void {
    for (const frame of frames) {
      if ('client' in frame && frame.client !== undefined && frame.client !== this.client) continue
      if (frame.type === 'ok' && frame.id === this.wanted) {
        const [item] = frame.channels ?? []
        this.held = item?.position ? parseOffset(item.position) : null
      } else if (frame.type === 'gap') this.faults.push(`gap ${frame.gap.reason}`)
      else if (frame.type === 'messages' && this.held) this.#take(frame.seq ?? 0, frame.items, this.held)
    }
  }

  #take(seq: number, items: readonly Item[], held: Position): void {
    if (seq > held.seq + 1) this.faults.push(`a hole: ${held.seq}, then ${seq}`)
    const end = items.reduce((sum, item) => sum + seqsOf(item), seq - 1)
    if (end > held.seq) this.held = { term: held.term, seq: end }
  }
}

describe('several clients of a session', () => {
  it('each gets everything without a hole, whatever the others do and however slow the connection is', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const roll = dice(seed * 7_919)
      const log = new MemoryLog()
      const onMessageFor = ({ data }: { data: unknown }) => (Number(data) % 5 === 0 ? null : undefined)
      const isPersonal = roll(3) === 0
      const hub = startHub({
        log,
        limits: { bufferedBytes: 3_000, replays: 1 + roll(2) },
        channels: { [CHANNEL]: isPersonal ? { onMessageFor } : {} },
      })
      const bob = await join(hub)
      for (const client of [1, 2]) await bob.auth(undefined, client)
      const readers = numbers(0, 2).map((client) => new Reader(client))
      let read = 0
      const readOn = (): void => {
        const frames = bob.link.frames.slice(read)
        read += frames.length
        for (const reader of readers) reader.read(frames)
      }
      let id = 1_000
      const send = (reader: Reader, command: object): void => {
        readOn()
        reader.held = null
        bob.session.receive(JSON.stringify({ id: ++id, client: reader.client, ...command }))
      }
      for (let step = 0; step < 60; step++) {
        const reader = readers[roll(3)] as Reader
        const what = roll(10)
        if (what < 4) {
          for (let n = roll(12); n >= 0; n--)
            hub.publish(CHANNEL, 'message', step, { meta: { pad: 'x'.repeat(roll(600)) } })
        } else if (what < 6) {
          const resume = reader.held ? { resume: [formatOffset(reader.held)] } : {}
          const from = roll(2) ? { from: roll(2) ? 'earliest' : { last: roll(30) } } : resume
          send(reader, { type: 'subscribe', channels: [{ channel: CHANNEL, ...from }] })
          reader.wanted = id
        } else if (what < 7) {
          send(reader, { type: 'unsubscribe', channels: [CHANNEL] })
          reader.wanted = 0
        } else if (what < 8) bob.link.isStopped = true
        else {
          bob.link.isStopped = false
          bob.link.drain()
        }
        if (roll(3) === 0) await turns(1 + roll(4))
      }
      bob.link.isStopped = false
      for (let n = 0; n < 60; n++) {
        bob.link.drain()
        await turns(3)
      }
      readOn()
      const { seq: top } = await log.head(`default/${CHANNEL}`)
      expect(bob.link.closure).toBeNull()
      for (const { client, faults, wanted, held } of readers) {
        expect({ seed, client, faults }).toEqual({ seed, client, faults: [] })
        if (wanted !== 0) expect({ seed, client, seq: held?.seq }).toEqual({ seed, client, seq: top })
      }
      await endHubs()
    }
  }, 60_000)
})
