import { type Client, createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
import { holdfast } from '@holdfast/vue'
import { createApp } from 'vue'
import ChatRoom from './chat-room.vue'

// At module scope: it opens nothing until a channel is used.
export const client: Client = createClient({ transports: [websocket({ url: '/realtime' })] })

createApp(ChatRoom, { id: '42' }).use(holdfast, { client }).mount('#app')
