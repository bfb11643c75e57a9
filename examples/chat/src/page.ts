/** The page around the panes: the door, and the bars above the room. */
import {
  FRAMEWORKS,
  type Framework,
  leavePlace,
  type Place,
  rememberedPlace,
  takePlace,
} from './shared/place.ts'
import { post } from './shared/post.ts'
import { type Mount, openVisit, type Visit } from './shared/visit.ts'

/** Each framework in a file of its own. */
const MOUNTS: Readonly<Record<Framework, () => Promise<Mount>>> = {
  React: async () => (await import('./react/mount.tsx')).mountReact,
  Vue: async () => (await import('./vue/mount.ts')).mountVue,
  Svelte: async () => (await import('./svelte/mount.ts')).mountSvelte,
}

interface Pane {
  readonly visit: Visit
  readonly unmount: () => void
}

/** Shows the room that this tab is in, or the door. */
export async function openPage(): Promise<void> {
  const place = rememberedPlace()
  if (place) await enter(place)
  else showDoor()
}

function showDoor(): void {
  show('door')
  const form = part<HTMLFormElement>('form')
  const button = part<HTMLButtonElement>('form button')
  const fault = part('form [role=alert]')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const fields = new FormData(form)
    button.disabled = true
    fault.textContent = ''
    try {
      await enter(await takePlace(String(fields.get('name')).trim(), String(fields.get('room'))))
    } catch (error) {
      fault.textContent = messageOf(error)
      button.disabled = false
    }
  })
}

async function enter(place: Place): Promise<void> {
  const loading = FRAMEWORKS.map(async (framework) => ({ framework, mount: await MOUNTS[framework]() }))
  const loaded = await Promise.all(loading)
  show('room')
  part('h1').textContent = place.room
  const panes = loaded.map(({ framework, mount }): Pane => {
    const visit = openVisit(place, framework)
    return { visit, unmount: mount(part(`#${framework.toLowerCase()}`), visit) }
  })
  const outcome = part('[role=status]')
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-ask]'))
    button.addEventListener('click', async () => {
      outcome.textContent = ''
      outcome.textContent = await ask(button.dataset.ask ?? '', place.room)
    })
  part('#leave').addEventListener('click', () => leave(panes))
}

/** Has the server do something to the room, and says in a sentence what came of it. */
async function ask(path: string, room: string): Promise<string> {
  try {
    const { done } = await post<{ readonly done: string }>(path, { room })
    return done
  } catch (error) {
    return messageOf(error)
  }
}

function leave(panes: readonly Pane[]): void {
  leavePlace()
  for (const { visit, unmount } of panes) {
    unmount()
    void visit.client.close()
  }
  showDoor()
}

/** Puts a template's content in place of the page's, and the focus on its heading. */
function show(template: 'door' | 'room'): void {
  part('#page').replaceChildren(part<HTMLTemplateElement>(`#${template}`).content.cloneNode(true))
  part('h1').focus()
}

function part<E extends HTMLElement>(selector: string): E {
  const found = document.querySelector<E>(selector)
  if (!found) throw new Error(`The page has no ${selector}.`)
  return found
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
