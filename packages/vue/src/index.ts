/**
 * `@holdfast/vue`: Holdfast channels as Vue composables.
 *
 * @packageDocumentation
 */
export { type UseChannel, type UseChannelOptions, useChannel } from './channel.ts'
export { Channel, type ChannelProps } from './component.ts'
export { type ConnectionStatus, useConnectionStatus } from './connection.ts'
export { type ContractComposables, withContract } from './contract.ts'
export { type UseMessages, useMessages } from './messages.ts'
export { type HoldfastOptions, holdfast, useHoldfast } from './provider.ts'
export { type UsePublish, usePublish } from './publish.ts'
