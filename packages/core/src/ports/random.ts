/** Randomness, as core and server-kit see it. */

/** Laws: `bytes` is unpredictable (a CSPRNG) outside of tests; `fraction` is uniform in [0, 1). */
export interface Random {
  fraction(): number
  bytes(length: number): Uint8Array<ArrayBuffer>
}

/** The platform's CSPRNG. */
export const systemRandom: Random = {
  fraction() {
    const [high = 0] = crypto.getRandomValues(new Uint32Array(1))
    return high / 2 ** 32
  },
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
}

/** Random text of `length` characters of `[0-9a-z]`, without bias. */
export function randomText(random: Random, length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      // 252 is the largest multiple of 36 that fits a byte; what lies above would favour the first digits.
      if (byte < 252 && text.length < length) text += (byte % 36).toString(36)
    }
  }
  return text
}
