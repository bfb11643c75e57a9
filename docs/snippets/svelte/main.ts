import { type Client, createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
import { mount } from 'svelte'
import AppRoot from './app-root.svelte'

// At module scope: it opens nothing until a channel is used.
export const client: Client = createClient({ transports: [websocket({ url: '/realtime' })] })

const target = document.getElementById('app')
if (target) mount(AppRoot, { target, props: { client } })
