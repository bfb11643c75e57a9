/** Components below a client, in a document. */
import type { Client } from '@holdfast/core'
import { type Component, flushSync, hydrate, mount, tick, unmount } from 'svelte'
import { type MaybeGetter, toValue } from '../src/getter.ts'
import { State } from './state.svelte.ts'
import UnderClient from './under-client.svelte'
import Written from './written.svelte'

const mounted = new Set<Record<string, unknown>>()

/** Does something, and lets Svelte show what follows from it. */
export async function act(step: () => unknown): Promise<void> {
  await step()
  flushSync()
  await tick()
}

async function remove(component: Record<string, unknown>): Promise<void> {
  mounted.delete(component)
  await act(() => unmount(component))
}

export async function removeAll(): Promise<void> {
  for (const component of mounted) await remove(component)
}

/** Mounts a component, or brings the one that `html` shows to life; props with getters may change. */
export async function mountUnder<P extends Record<string, unknown>>(
  client: MaybeGetter<Client>,
  component: Component<P>,
  props: P,
  html?: string,
) {
  const target = document.createElement('div')
  target.innerHTML = html ?? ''
  const text = (): string => target.textContent?.trim() ?? ''
  const above = {
    get client() {
      return toValue(client)
    },
    component,
    props,
  }
  const options = { target, props: above }
  const made =
    html === undefined ? mount(UnderClient, options) : hydrate(UnderClient, { ...options, recover: false })
  mounted.add(made)
  const first = text()
  await act(() => undefined)
  /** `first`: the text before any effect has run. */
  return { first, text, unmount: () => remove(made) }
}

/** Mounts a component that a test writes: its script, which returns what its template shows. */
export function mountWritten(client: MaybeGetter<Client>, setup: () => () => unknown) {
  return mountUnder(client, Written, { setup })
}

/** Mounts one of the functions with an argument; `seen` is what a template was given with each change. */
export async function mountUsing<A, T extends object>(
  client: Client,
  use: (argument: () => A) => T,
  first: A,
) {
  const argument = new State(first)
  const seen: T[] = []
  const { unmount } = await mountWritten(client, () => {
    const used = use(() => argument.value)
    return () => void seen.push({ ...used })
  })
  return {
    update: (next: A) => act(() => Object.assign(argument, { value: next })),
    unmount,
    seen,
    get shown() {
      return seen.at(-1) as T
    },
  }
}
