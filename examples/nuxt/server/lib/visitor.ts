/**
 * Who is it? A cookie holds a random secret that no script of the page can read. Its hash is the visitor's id, which
 * everybody may know: nobody can make a cookie for it.
 */
import { hash, randomBytes } from 'node:crypto'

export const COOKIE = 'visitor'
const SECRET = new RegExp(`(?:^|; )${COOKIE}=([\\w-]{43})(?:;|$)`)

export interface Visitor {
  readonly id: string
  /** The cookie's value. */
  readonly secret: string
}

/** Whose cookies these are; null where they name nobody. */
export function visitorIn(cookies: string | null | undefined): Visitor | null {
  const secret = SECRET.exec(cookies ?? '')?.[1]
  return secret === undefined ? null : visitorOf(secret)
}

export function newVisitor(): Visitor {
  return visitorOf(randomBytes(32).toString('base64url'))
}

function visitorOf(secret: string): Visitor {
  return { id: hash('sha256', secret, 'base64url').slice(0, 22), secret }
}
