// As websocket.js, with messages, positions and the outbox kept across reloads.
export { indexedDb } from '@holdfast/core/stores/indexeddb'
export * from './websocket.js'
