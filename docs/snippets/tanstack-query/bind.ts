// #region bind
import { bindQueryClient } from '@holdfast/core/tanstack-query'
// #endregion

import type { Client } from '@holdfast/core'
import type { QueryClient } from '@tanstack/react-query'

export function bind(client: Client, queryClient: QueryClient) {
  // #region bind
  const unbind = bindQueryClient(client, queryClient, {
    channels: {
      products: ['products'], // a message on `products` invalidates every query whose key begins so
    },
  })
  // #endregion
  return unbind
}

export function bindOrders(client: Client, queryClient: QueryClient) {
  // #region keys
  const unbind = bindQueryClient(client, queryClient, {
    channels: {
      orders: ({ data }) => [
        ['orders', 'list'],
        ['orders', 'detail', (data as { id: string }).id],
      ],
    },
    onGap: () => ['orders'], // nobody knows which ones were missed
  })
  // #endregion
  return unbind
}

export async function bindBeforeFetching(client: Client, queryClient: QueryClient) {
  const unbind = bind(client, queryClient)
  // #region ready
  await unbind.ready // whatever is published from here on invalidates
  await queryClient.invalidateQueries({ queryKey: ['products'] }) // what a server rendered may be older
  // #endregion
  return unbind
}
