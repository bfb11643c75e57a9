import { type Client, createClient } from '@holdfast/core'
import { bindQueryClient } from '@holdfast/core/tanstack-query'
import { websocket } from '@holdfast/core/transports/websocket'
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

export const client: Client = createClient({ transports: [websocket({ url: '/realtime' })] })
const queryClient = new QueryClient()

function Products() {
  const { data = [] } = useQuery({
    queryKey: ['products'],
    queryFn: async (): Promise<string[]> => (await fetch('/api/products')).json(),
  })
  return <p>{data.join(', ')}</p>
}

export function App() {
  useEffect(() => bindQueryClient(client, queryClient, { channels: { products: ['products'] } }), [])
  return (
    <QueryClientProvider client={queryClient}>
      <Products />
    </QueryClientProvider>
  )
}
