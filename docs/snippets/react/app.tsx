import { type Client, createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
import { HoldfastProvider } from '@holdfast/react'
import { createRoot } from 'react-dom/client'
import { Room } from './messages.tsx'

// At module scope, outside of components: it opens nothing until a channel is used.
export const client: Client = createClient({ transports: [websocket({ url: '/realtime' })] })

function App() {
  return (
    <HoldfastProvider client={client}>
      <Room id="42" />
    </HoldfastProvider>
  )
}

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
