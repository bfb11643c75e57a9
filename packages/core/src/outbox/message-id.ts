import type { Clock, Random } from '../ports/index.ts'

/**
 * A UUIDv7 (RFC 9562): 48 bits of time, then 74 of chance. Written here because the `uuid` package, fed with our
 * ports, weighs more than all of the rest of a publish for these ten lines.
 */
export function messageId(clock: Clock, random: Random): string {
  const bytes = random.bytes(10)
  bytes[0] = 0x70 | ((bytes[0] ?? 0) & 0x0f)
  bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f)
  const time = Math.max(0, Math.floor(clock.now())).toString(16).padStart(12, '0').slice(-12)
  const tail = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`
}
