// What an application ships that makes a client over WebSockets: all that these two reach, with every dependency, and
// not what it leaves unused (the list that bindings show, the store it did not choose). Bundled by Rolldown under its
// default conditions, which are those of Vite and webpack: RxJS comes as `esm5`, which no option here makes smaller.
export { createClient } from '@holdfast/core'
export { websocket } from '@holdfast/core/transports/websocket'
