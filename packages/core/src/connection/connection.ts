/** What the rest of the client sees of the connection: its state, its session, frames in and commands out. */
import type { Observable } from 'rxjs'
import type {
  DetachFrame,
  HistoryFrame,
  OkFrame,
  PingFrame,
  PublishFrame,
  ServerFrame,
  SubscribeFrame,
  UnsubscribeFrame,
  WelcomeFrame,
} from '../protocol/index.ts'
import type { Readable } from '../readable.ts'
import type { Transport } from '../transports/transport.ts'
import type { ConnectionState } from './status.ts'
import type { Auth } from './tokens.ts'

type WithoutId<F> = F extends unknown ? Omit<F, 'id'> : never

/** A command, before the connection gives it its id. */
export type Command = WithoutId<
  SubscribeFrame | UnsubscribeFrame | PublishFrame | HistoryFrame | PingFrame | DetachFrame
>

/** An authenticated session: exists from the welcome until its socket ends. */
export interface Session {
  readonly welcome: WelcomeFrame
  /** Rises with every session of this connection. */
  readonly generation: number
}

/** What a connect() may replace of what the connection was made with. */
export interface Replacement {
  readonly transports?: readonly Transport[]
  readonly auth?: Auth
}

export interface Connection {
  readonly state$: Readable<ConnectionState>
  /** The session that commands go to, or null. Set before its first frame arrives. */
  readonly session$: Readable<Session | null>
  /** Frames that answer no command, in order: messages, gap, unsubscribed. */
  readonly frames$: Observable<ServerFrame>
  /** Connects; ends the session of now first where something else is given than there was. */
  connect(replacement?: Replacement): void
  disconnect(): void
  /**
   * Sends a command on the session of now and resolves with its answer. `handle` is called with the answer in the
   * very step in which it arrived, before any later frame is processed. Rejects with a HoldfastError: `disconnected`
   * where there is no session (nothing was sent), `network` where the session ended first (unknown), `timeout` where
   * no answer came within the ack timeout (unknown), `bad_frame` or `frame_too_large` where the server closed over
   * what was in flight, else what the server answered.
   */
  request(command: Command, handle?: (answer: OkFrame) => void): Promise<OkFrame>
}
