/** Names without passwords: a signed token says which visitor this is, so that nobody can speak as another. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

export interface Visitor {
  readonly id: string
  readonly name: string
  /** When the token ends, milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Pass extends Visitor {
  readonly token: string
}

export interface Login {
  /** A token for a name. With an earlier token of that name, even an ended one, it is the same visitor again. */
  issue(name: string, earlier: string | null): Pass
  /** Whose token this is; null where it is forged or has ended. */
  identify(token: string): Visitor | null
}

const LIFE_MS = 60 * 60_000

export function createLogin(secret: Uint8Array, now: () => number = Date.now): Login {
  const sign = (body: string): Buffer => createHmac('sha256', secret).update(body).digest()

  function read(token: string): Visitor | null {
    const [body = '', signature = ''] = token.split('.')
    const given = Buffer.from(signature, 'base64url')
    const expected = sign(body)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as Visitor
  }

  return {
    issue(name, earlier) {
      const known = earlier === null ? null : read(earlier)
      const id = known?.name === name ? known.id : `visitor-${randomBytes(9).toString('hex')}`
      const visitor: Visitor = { id, name, expiresAt: now() + LIFE_MS }
      const body = Buffer.from(JSON.stringify(visitor)).toString('base64url')
      return { ...visitor, token: `${body}.${sign(body).toString('base64url')}` }
    },
    identify(token) {
      const visitor = read(token)
      return visitor && visitor.expiresAt > now() ? visitor : null
    },
  }
}

/** The secret in a file, made on first use. */
export function loadSecret(file: string): Uint8Array {
  try {
    writeFileSync(file, randomBytes(32), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file)
}
