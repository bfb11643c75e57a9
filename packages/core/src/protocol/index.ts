export { decodeBase64, encodeBase64, isBase64 } from './base64.ts'
export * from './client-frames.ts'
export {
  CLOSE_CODES,
  type CloseAction,
  type CloseCode,
  type CloseRule,
  closeAction,
  closeRule,
} from './close-codes.ts'
export { type Decoded, decodeClientFrame, decodeServerFrame, encodeFrame, SUBPROTOCOL } from './codec.ts'
export * from './errors.ts'
export { jsonFault, MAX_DEPTH, parseJson, RESERVED_KEYS } from './json.ts'
export { jsonCopy } from './json-copy.ts'
export * from './message.ts'
export * from './position.ts'
export * from './server-frames.ts'
