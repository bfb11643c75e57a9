/** The data of a message of the client scenario. */
export interface Payload {
  readonly id: string
}

/** Connects with a client library, subscribes, and calls `take` with the data of every message. */
export type Consume = (port: number, channel: string, take: (payload: Payload) => void) => void
