/**
 * `@holdfast/core/tanstack-query`: messages that invalidate TanStack Query's queries, and queries that wait for the
 * connection. For version 5, in every framework.
 *
 * @packageDocumentation
 */
export {
  type BindOptions,
  bindQueryClient,
  type ChannelEntry,
  type ChannelKeys,
  type QueryKeys,
  type Unbind,
} from './bind-query-client.ts'
export type { OnlineManager } from './online.ts'
