/** Who this tab is, and in which room. A name that this browser has used keeps its identity, and so its outbox. */
import { post } from './post.ts'

export interface Pass {
  readonly id: string
  readonly name: string
  readonly token: string
  /** When the token ends, milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Place {
  readonly room: string
  readonly pass: Pass
}

/** Kept for the tab alone, so that two tabs can be two people. */
const PLACE = 'holdfast-chat:place'
const passKey = (name: string): string => `holdfast-chat:pass:${name}`

/** Gets a token for a name. Rejects with an Error whose message can be shown. */
export async function logIn(name: string): Promise<Pass> {
  const known = localStorage.getItem(passKey(name.trim()))
  const earlier = known === null ? null : (JSON.parse(known) as Pass).token
  const pass = await post<Pass>('/demo/login', { name, earlier })
  localStorage.setItem(passKey(pass.name), JSON.stringify(pass))
  return pass
}

export function rememberPlace(place: Place): void {
  sessionStorage.setItem(PLACE, JSON.stringify(place))
}

export function forgetPlace(): void {
  sessionStorage.removeItem(PLACE)
}

export function rememberedPlace(): Place | null {
  const text = sessionStorage.getItem(PLACE)
  return text === null ? null : (JSON.parse(text) as Place)
}
