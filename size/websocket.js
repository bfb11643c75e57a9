// Everything that the entries export, not what one application would use of them.
export * from '@holdfast/core'
export * from '@holdfast/core/transports/websocket'
