/** A client that publishes: frames from a template, each with a number of its own, several a write. */
import { type Dialect, PLACEHOLDER } from './dialect.ts'
import { maskedFrame } from './frame-walker.ts'
import type { RawClient } from './raw-client.ts'
import { openSession } from './session.ts'

interface Template {
  readonly frame: Buffer
  /** Where the digits go. */
  readonly places: readonly number[]
}

export class Publisher {
  readonly #client: RawClient
  readonly #templates: readonly Template[]
  /** Messages published, on all channels. */
  published = 0

  private constructor(client: RawClient, templates: readonly Template[]) {
    this.#client = client
    this.#templates = templates
  }

  static async open(
    dialect: Dialect,
    port: number,
    channels: number,
    onFault: (fault: string) => void,
  ): Promise<Publisher> {
    const client = await openSession({
      dialect,
      host: '127.0.0.1',
      port,
      channels: [],
      onMessages: () => onFault('the publisher got messages'),
      onFault: (fault) => onFault(`publisher: ${fault}`),
    })
    const templates = Array.from({ length: channels }, (_, channel) => template(dialect.publish(channel)))
    return new Publisher(client, templates)
  }

  /** Publishes the next `count` messages, round the channels, in one write. */
  publish(count: number): void {
    this.send(this.make(count))
  }

  /** The frames of the next `count` messages. */
  make(count: number): Buffer {
    const frames: Buffer[] = []
    for (let index = 0; index < count; index++) {
      const number = this.published++
      frames.push(fill(this.#templates[number % this.#templates.length] as Template, number))
    }
    return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames)
  }

  send(frames: Buffer): void {
    this.#client.write(frames)
  }
}

/** How many of `published` messages, taken round the channels, went to one of them. */
export function publishedOn(channel: number, published: number, channels: number): number {
  return Math.floor(published / channels) + (channel < published % channels ? 1 : 0)
}

function template(text: string): Template {
  const frame = maskedFrame(text)
  const places: number[] = []
  for (let at = frame.indexOf(PLACEHOLDER); at >= 0; at = frame.indexOf(PLACEHOLDER, at + 1)) places.push(at)
  return { frame, places }
}

function fill({ frame, places }: Template, number: number): Buffer {
  if (places.length === 0) return frame
  const filled = Buffer.from(frame)
  // A leading 1 keeps the digits a JSON number.
  const digits = String(1_000_000_000 + number)
  for (const at of places) filled.write(digits, at, 'latin1')
  return filled
}
