/** Who the panes of this tab are, and in which room. A name that this browser has used keeps its identity, and so its outbox. */
import { post } from './post.ts'

export const FRAMEWORKS = ['React', 'Vue', 'Svelte'] as const

export type Framework = (typeof FRAMEWORKS)[number]

export interface Pass {
  readonly id: string
  readonly name: string
  readonly token: string
  /** When the token ends, milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Place {
  readonly room: string
  /** Each pane is a visitor of its own. */
  readonly passes: Readonly<Record<Framework, Pass>>
}

/** Kept for the tab alone, so that two tabs can be two people. */
const PLACE = 'holdfast-chat:panes'
const passKey = (name: string): string => `holdfast-chat:pass:${name}`

/** Gets the tokens for a person's panes. Rejects with an Error whose message can be shown. */
export async function takePlace(person: string, room: string): Promise<Place> {
  const named = async (framework: Framework) => [framework, await logIn(`${person} in ${framework}`)] as const
  const passes = Object.fromEntries(await Promise.all(FRAMEWORKS.map(named))) as Record<Framework, Pass>
  const place: Place = { room, passes }
  sessionStorage.setItem(PLACE, JSON.stringify(place))
  return place
}

/** Gets a token for a name. Rejects with an Error whose message can be shown. */
export async function logIn(name: string): Promise<Pass> {
  const known = localStorage.getItem(passKey(name))
  const earlier = known === null ? null : (JSON.parse(known) as Pass).token
  const pass = await post<Pass>('/demo/login', { name, earlier })
  localStorage.setItem(passKey(name), JSON.stringify(pass))
  return pass
}

export function leavePlace(): void {
  sessionStorage.removeItem(PLACE)
}

export function rememberedPlace(): Place | null {
  const text = sessionStorage.getItem(PLACE)
  return text === null ? null : (JSON.parse(text) as Place)
}
