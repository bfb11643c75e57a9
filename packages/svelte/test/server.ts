/** What runs on a server, in that build of it: see `server-build.ts`. */
import type { Client, MessageListOptions } from '@holdfast/core'
import { render } from 'svelte/server'
import Page from './page.svelte'
import UnderClient from './under-client.svelte'

export function renderPage(client: Client, name: string, options: MessageListOptions): string {
  return render(UnderClient, { props: { client, component: Page, props: { name, options } } }).body
}
