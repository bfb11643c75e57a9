/** Vue apps on a scripted server: what tests of composables begin with. */
import { type RoomServer, roomServer } from '@holdfast/conformance/binding'
import type { Client } from '@holdfast/core'
import { type App, type Component, createApp, nextTick, shallowRef, unref } from 'vue'
import { holdfast } from './index.ts'

export const apps = new Set<App>()

export function unmount(app: App): void {
  if (apps.delete(app)) app.unmount()
}

/** Makes an app with a client. What Vue warns of or catches fails the test. */
export function appOf(client: Client, component: Component): App {
  const app = createApp(component).use(holdfast, { client })
  app.config.errorHandler = (error) => {
    throw error
  }
  app.config.warnHandler = (message) => {
    throw new Error(message)
  }
  return app
}

/** Puts an app into a document of its own. */
export async function show(app: App, container: Element = document.createElement('div')): Promise<App> {
  apps.add(app)
  app.mount(container)
  await nextTick()
  return app
}

export const mount = (client: Client, component: Component): Promise<App> => show(appOf(client, component))

/** What refs hold. */
export type Unrefs<T> = { [K in keyof T]: T[K] extends { readonly value: infer V } ? V : T[K] }

/** Mounts a composable with an argument; `seen` has what its refs held in each render. */
export async function mountUse<A, T extends object>(client: Client, use: (argument: () => A) => T, first: A) {
  const argument = shallowRef(first)
  const seen: Unrefs<T>[] = []
  const app = await mount(client, {
    setup() {
      const refs = Object.entries(use(() => argument.value as A))
      return () =>
        void seen.push(Object.fromEntries(refs.map(([key, ref]) => [key, unref(ref)])) as Unrefs<T>)
    },
  })
  return {
    update(next: A) {
      argument.value = next
      return nextTick()
    },
    unmount: async () => unmount(app),
    seen,
    /** In the last render. */
    get shown() {
      return seen.at(-1) as Unrefs<T>
    },
  }
}

/** Does something, and lets Vue render what follows from it. */
export async function act(step: () => Promise<void>): Promise<void> {
  await step()
  await nextTick()
}

export interface Stage {
  readonly server: RoomServer
  readonly client: Client
  /** Lets time pass, and Vue render. */
  settle(ms?: number): Promise<void>
}

export function stage(): Stage {
  const server = roomServer()
  return { server, client: server.client(), settle: (ms = 0) => act(() => server.clock.advance(ms)) }
}
