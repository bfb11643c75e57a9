export * from '@holdfast/core/stores/indexeddb'
export * from './websocket.js'
