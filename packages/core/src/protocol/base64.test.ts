import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64, isBase64 } from './base64.ts'

describe('base64', () => {
  it('writes what RFC 4648 writes', () => {
    const texts = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar']
    const encoded = texts.map((text) => encodeBase64(new TextEncoder().encode(text)))
    expect(encoded).toEqual(['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'])
  })

  it('gives back the bytes that went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = encodeBase64(bytes)
        expect(isBase64(text)).toBe(true)
        expect(decodeBase64(text)).toEqual(bytes)
      }),
    )
  })

  it('accepts a text only if it is the one text of its bytes', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const isCanonical = (text: string): boolean => Buffer.from(text, 'base64').toString('base64') === text
    const endings = [...alphabet].flatMap((last) => [
      `A${last}==`,
      `AA${last}=`,
      `AAA${last}`,
      `AAAAA${last}==`,
    ])
    expect(endings.map(isBase64)).toEqual(endings.map(isCanonical))
    const unit = fc.constantFrom(...'ABQwgEcI8/+=-_ \n')
    fc.assert(fc.property(fc.string({ unit, maxLength: 8 }), (text) => isBase64(text) === isCanonical(text)))
  })

  it('judges a long text without running out of stack', () => {
    expect(isBase64('A'.repeat(16_000_000))).toBe(true)
    expect(isBase64(`${'A'.repeat(16_000_000)}!AAA`)).toBe(false)
  })
})
