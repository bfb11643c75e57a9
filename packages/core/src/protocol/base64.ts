/** Bytes as base64 text (RFC 4648, section 4), in browsers and in Node. */

/** Characters that fit one call's argument list. */
const CHUNK = 0x8000

export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK)
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(binary)
}

/** The bytes of base64 text. Throws where the text is no base64; the codec has checked it before. */
export function decodeBase64(text: string): Uint8Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}

/** Four characters a group; the bits that the padding leaves over are zero, so that equal bytes have one text. */
const CANONICAL = /^[A-Za-z0-9+/]*(?:[AQgw]==|[AEIMQUYcgkosw048]=)?$/

/** Whether `text` is canonical base64. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && CANONICAL.test(text)
}
