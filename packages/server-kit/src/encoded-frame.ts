/** A server frame as text, encoded once. An endpoint keeps its wire form here, so that all sockets share it. */
export class EncodedFrame {
  readonly text: string
  /** The endpoint's bytes for it, made when the first socket needs them. */
  wire: Buffer | undefined = undefined

  constructor(text: string) {
    this.text = text
  }
}
