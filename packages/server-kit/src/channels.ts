/** The channels that somebody is subscribed to, and how names find their configuration. */

import { Channel, type ChannelSetup } from './channel.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import { DEFAULT_RETENTION, type Doorbell } from './log/log.ts'

/** Setups kept, so that not every publish matches patterns. */
const MAX_SETUPS = 10_000

export class Channels {
  readonly #context: HubContext
  readonly #byKey = new Map<string, Channel>()
  readonly #setups = new Map<string, ChannelSetup>()

  constructor(context: HubContext) {
    this.#context = context
  }

  get size(): number {
    return this.#byKey.size
  }

  /** How a channel is set up, whether anybody is subscribed or not. Throws `unknown_channel`. */
  setup(name: string): ChannelSetup {
    const known = this.#setups.get(name)
    if (known) return known
    const setup = this.#find(name)
    if (this.#setups.size >= MAX_SETUPS) this.#setups.clear()
    this.#setups.set(name, setup)
    return setup
  }

  #find(name: string): ChannelSetup {
    const { patterns, isOpen, app, contract } = this.#context.config
    if (contract && !contract.find(name)) throw new HubError('unknown_channel')
    const match = patterns.find(name)
    if (!match && !isOpen) throw new HubError('unknown_channel')
    const { value: config, params } = match ?? { value: {}, params: {} }
    const { durable: isDurable = true } = config
    const retention = { ...DEFAULT_RETENTION, ...config.retention }
    return { name, key: `${app}/${name}`, config, params, isDurable, retention }
  }

  /** The active channel stored under `key`. */
  get(key: string): Channel | undefined {
    return this.#byKey.get(key)
  }

  /** Makes the channel active for one more subscription. */
  retain(setup: ChannelSetup): Channel {
    let channel = this.#byKey.get(setup.key)
    if (!channel) {
      channel = new Channel(this.#context, setup)
      this.#byKey.set(setup.key, channel)
      this.#context.pulse.start()
    }
    channel.references++
    return channel
  }

  /** One subscription less; with the last one the channel's memory goes. */
  release(channel: Channel): void {
    if (--channel.references > 0) return
    channel.follower?.stop()
    this.#byKey.delete(channel.setup.key)
  }

  ring(bell: Doorbell): void {
    this.#byKey.get(bell.channel)?.follower?.ring(bell)
  }

  /** Lets each follower compare its position with the log's, when its time has come. */
  probe(pulse: number): void {
    for (const channel of this.#byKey.values()) channel.follower?.probe(pulse)
  }
}
