/** What a server renders; to be imported in its build. */
import type { Client, MessageListOptions } from '@holdfast/core'
import { render } from 'svelte/server'
import Page from './page.svelte'
import Stores from './stores.svelte'
import UnderClient from './under-client.svelte'

export function renderPage(client: Client, name: string, options: MessageListOptions): string {
  return render(UnderClient, { props: { client, component: Page, props: { name, options } } }).body
}

export function renderStores(client: Client): string {
  return render(Stores, { props: { client } }).body
}
