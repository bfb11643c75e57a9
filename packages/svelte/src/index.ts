/**
 * `@holdfast/svelte`: Holdfast channels as Svelte functions and stores.
 *
 * @packageDocumentation
 */
export { type UseChannel, type UseChannelOptions, useChannel } from './channel.svelte.ts'
export { Channel, type ChannelComponent, type ChannelProps } from './component.ts'
export { type ConnectionStatus, useConnectionStatus } from './connection.ts'
export { provideHoldfast, useHoldfast } from './context.svelte.ts'
export { type ContractFunctions, withContract } from './contract.ts'
export type { MaybeGetter } from './getter.ts'
export { type UseMessages, useMessages } from './messages.svelte.ts'
export { HoldfastProvider, type HoldfastProviderProps } from './provider.ts'
export { type UsePublish, usePublish } from './publish.svelte.ts'
export { channelStore, statusStore } from './stores.svelte.ts'
