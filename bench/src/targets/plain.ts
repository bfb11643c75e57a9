/** The wire format of the raw `ws` programs: no protocol, only what a fan-out cannot do without. */

export type PlainCommand =
  | { readonly t: 'sub'; readonly c: string }
  | { readonly t: 'pub'; readonly c: string; readonly d: unknown }

export function plainMessage(channel: string, offset: number, data: string): string {
  return `{"t":"m","c":"${channel}","o":${offset},"d":${data}}`
}

export function plainAnswer(channel: string): string {
  return `{"t":"ok","c":"${channel}"}`
}

/** Between the messages of one frame. */
export const SEPARATOR = '\n'
