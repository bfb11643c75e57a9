/** The server of the client scenario: `node blaster.ts <blast> <total>`. It serves one client, then is done. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { SUBPROTOCOL } from '@holdfast/core/protocol'
import { WebSocketServer } from 'ws'
import { BATCH, type Blast, type BlastName } from './blast/blast.ts'
import { holdfastBlast } from './blast/holdfast.ts'
import { plainBlast } from './blast/plain.ts'
import { socketioBlast } from './blast/socketio.ts'
import { answerCalls } from './process.ts'
import { serverFrame } from './targets/frame.ts'
import { listen } from './targets/target.ts'

const ALL: Readonly<Record<BlastName, Blast>> = {
  'ws-batched': plainBlast(BATCH),
  holdfast: holdfastBlast,
  ws: plainBlast(1),
  socketio: socketioBlast,
}
/** Bytes a write: what a busy server has for a client in one tick, and the same for all. */
const CHUNK_BYTES = 16_384

const blast = ALL[process.argv[2] as BlastName]
const chunks = [...join(blast.frames(Number(process.argv[3])))]

/** Frames put together to chunks, so that a small frame does not cost its server a write of its own. */
function* join(frames: Iterable<string>): Generator<Buffer> {
  let waiting: Buffer[] = []
  let bytes = 0
  for (const text of frames) {
    const frame = serverFrame(text)
    waiting.push(frame)
    bytes += frame.length
    if (bytes < CHUNK_BYTES) continue
    yield Buffer.concat(waiting)
    waiting = []
    bytes = 0
  }
  yield Buffer.concat(waiting)
}

async function send(socket: Duplex): Promise<void> {
  for (const chunk of chunks) if (!socket.write(chunk)) await once(socket, 'drain')
}

const webSockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
})
// A page for the browser to stand on.
const server = createServer((_, response) => response.end('<!doctype html><title>bench</title>'))
server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    let isSending = false
    webSocket.on('error', () => socket.destroy())
    webSocket.on('message', (data) => {
      const { reply, isReady } = blast.answer(data.toString())
      if (reply !== null) socket.write(serverFrame(reply))
      if (!isReady || isSending) return
      isSending = true
      // A client that goes away ends it.
      send(socket).catch(() => {})
    })
    if (blast.greeting !== null) socket.write(serverFrame(blast.greeting))
  })
})
const listening = listen(server)

answerCalls({ port: () => listening })
