/** The page's few requests: log in, have a bot talk, refuse a message, restart the server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Login } from './login.ts'

export interface RouteOptions {
  readonly login: Login
  /** Publishes a message of the bot's in a room. */
  readonly say: (room: string, text: string) => Promise<unknown>
  /** Has the next message in a room refused. */
  readonly refuse: (room: string) => void
  /** Asks for this process to be killed and started again. */
  readonly restart: () => void
}

type Body = Readonly<Record<string, unknown>>
type Answer = readonly [status: number, body: unknown]
type Route = (body: Body) => Answer | Promise<Answer>

export const ROOM = /^[a-z0-9-]{1,32}$/
const MAX_BYTES = 4_096
/** The page asks for 24, and adds the pane's framework. */
const MAX_NAME = 40
/** More than a room keeps, so that whoever is away meanwhile is told of a gap. */
const CHATTER = 60

/** Answers a POST to `/demo/…`. */
export function demoRoutes({ login, say, refuse, restart }: RouteOptions) {
  const routes: Readonly<Record<string, Route>> = {
    '/demo/login': ({ name, earlier }) => {
      const trimmed = typeof name === 'string' ? name.trim() : ''
      if (trimmed.length < 1 || trimmed.length > MAX_NAME)
        return [400, { error: `A name has 1 to ${MAX_NAME} characters.` }]
      return [200, login.issue(trimmed, typeof earlier === 'string' ? earlier : null)]
    },
    '/demo/chatter': inRoom(async (room) => {
      const said = Array.from({ length: CHATTER }, (_, at) =>
        say(room, `Small talk, ${at + 1} of ${CHATTER}.`),
      )
      await Promise.all(said)
      return `The bot has said ${CHATTER} things. The room keeps the last 50.`
    }),
    '/demo/refuse': inRoom((room) => {
      refuse(room)
      return 'The server will refuse the next message in this room, whoever says it.'
    }),
    '/demo/restart': inRoom(() => {
      // After the answer has left.
      setTimeout(restart, 50)
      return 'The server was killed, and starts again on its SQLite file.'
    }),
  }
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = Object.hasOwn(routes, request.url ?? '') ? routes[request.url ?? ''] : undefined
    const [status, body] = route ? await answer(route, request) : ([404, { error: 'Not found.' }] as const)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

/** A request from a room, answered by a sentence on what was done. */
function inRoom(act: (room: string) => string | Promise<string>): Route {
  return async ({ room }) =>
    typeof room === 'string' && ROOM.test(room)
      ? [200, { done: await act(room) }]
      : [400, { error: 'There is no such room.' }]
}

async function answer(route: Route, request: IncomingMessage): Promise<Answer> {
  const { origin, host } = request.headers
  // A page of another site can post neither JSON nor from this origin without asking first.
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return [403, { error: 'Wrong origin.' }]
  if (!request.headers['content-type']?.startsWith('application/json'))
    return [415, { error: 'Send application/json.' }]
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_BYTES) return [413, { error: 'Too large.' }]
  }
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null
      ? await route(body as Body)
      : [400, { error: 'Send an object.' }]
  } catch (error) {
    if (error instanceof SyntaxError) return [400, { error: 'Send JSON.' }]
    throw error
  }
}
