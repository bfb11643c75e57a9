/**
 * `@holdfast/react`: Holdfast channels as React hooks.
 *
 * @packageDocumentation
 */
export { type UseChannel, type UseChannelOptions, useChannel } from './channel.ts'
export { Channel, type ChannelProps } from './component.ts'
export { type ConnectionStatus, useConnectionStatus } from './connection.ts'
export { type ContractHooks, withContract } from './contract.ts'
export { type UseMessages, useMessages } from './messages.ts'
export { HoldfastProvider, type HoldfastProviderProps, useHoldfast } from './provider.tsx'
export { type UsePublish, usePublish } from './publish.ts'
