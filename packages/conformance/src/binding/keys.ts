import type { ChannelUse } from './binding.ts'

/** What tells the components of a list apart, for the framework that renders it. */
export function keysOf(uses: readonly ChannelUse[]): string[] {
  return uses.map(({ key, name }, at) => {
    const same = uses.slice(0, at).filter((other) => other.name === name).length
    return key ?? `${name} ${same}`
  })
}
