/**
 * `@holdfast/react`: Holdfast channels as React hooks.
 *
 * @packageDocumentation
 */
export { type UseChannel, useChannel } from './channel.ts'
export { type ConnectionStatus, useConnectionStatus } from './connection.ts'
export { type UseMessages, useMessages } from './messages.ts'
export { HoldfastProvider, type HoldfastProviderProps, useHoldfast } from './provider.tsx'
export { type UsePublish, usePublish } from './publish.ts'
