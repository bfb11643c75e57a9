/** Svelte's components in a document and on a server, for the snippets' tests. */
import { join } from 'node:path'
import type { Client } from '@holdfast/core'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { type Component, flushSync, mount, tick, unmount } from 'svelte'
import { runnerImport } from 'vite'
import base from '../../../tsconfig.base.json' with { type: 'json' }
import { buttonOf } from './buttons.ts'
import { atEnd, passing } from './stage.ts'
import UnderClient from './under-client.svelte'

/** Shows a component under a client until the test is over. */
export async function inSvelte(
  client: Client,
  component: Component<never>,
  props: Record<string, unknown> = {},
) {
  const target = document.createElement('div')
  document.body.append(target)
  const mounted = mount(UnderClient, { target, props: { client, component, props } })
  atEnd(async () => {
    await unmount(mounted)
    target.remove()
  })
  await shown()
  return showing(target)
}

export function showing(target: HTMLElement) {
  return {
    target,
    /** With one space where there are any. */
    text: () => (target.textContent ?? '').replace(/\s+/g, ' ').trim(),
    /** Lets time pass, and Svelte render. */
    async settle(ms = 0): Promise<void> {
      await passing(ms)
      await shown()
    },
    /** Presses the button of this name. */
    async press(name: string): Promise<void> {
      buttonOf(target, name).click()
      await shown()
    },
  }
}

async function shown(): Promise<void> {
  flushSync()
  await tick()
}

const ROOT = join(import.meta.dirname, '../../..')
const alias = Object.entries(base.compilerOptions.paths).map(([name, [path = '']]) => ({
  find: new RegExp(`^${name}$`),
  replacement: join(ROOT, path),
}))

/** A module as a server has it: what Svelte makes of components differs there, and so does Svelte itself. */
export async function asOnServer<M>(file: string): Promise<M> {
  const { module } = await runnerImport<M>(join(ROOT, 'docs/snippets', file), {
    plugins: [svelte({ configFile: false, compilerOptions: { hmr: false } })],
    resolve: { alias },
    logLevel: 'error',
  })
  return module
}
