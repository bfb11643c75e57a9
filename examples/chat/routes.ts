/** The page's few requests: log in, have a bot talk, restart the server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Login } from './login.ts'

export interface RouteOptions {
  readonly login: Login
  /** Publishes a message of the bot's in a room. */
  readonly say: (room: string, text: string) => Promise<unknown>
  /** Asks for this process to be killed and started again. */
  readonly restart: () => void
}

type Body = Readonly<Record<string, unknown>>
type Answer = readonly [status: number, body: unknown]
type Route = (body: Body) => Answer | Promise<Answer>

export const ROOM = /^[a-z0-9-]{1,32}$/
const MAX_BYTES = 4_096
/** More than a room keeps, so that whoever is away meanwhile is told of a gap. */
const CHATTER = 60

/** Answers a POST to `/demo/…`. */
export function demoRoutes({ login, say, restart }: RouteOptions) {
  const routes: Readonly<Record<string, Route>> = {
    '/demo/login': ({ name, earlier }) => {
      const trimmed = typeof name === 'string' ? name.trim() : ''
      if (trimmed.length < 1 || trimmed.length > 24) return [400, { error: 'A name has 1 to 24 characters.' }]
      return [200, login.issue(trimmed, typeof earlier === 'string' ? earlier : null)]
    },
    '/demo/chatter': async ({ room }) => {
      if (typeof room !== 'string' || !ROOM.test(room)) return [400, { error: 'There is no such room.' }]
      const said = Array.from({ length: CHATTER }, (_, at) =>
        say(room, `Small talk, ${at + 1} of ${CHATTER}.`),
      )
      await Promise.all(said)
      return [200, { published: CHATTER }]
    },
    '/demo/restart': () => {
      // After the answer has left.
      setTimeout(restart, 50)
      return [202, {}]
    },
  }
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = Object.hasOwn(routes, request.url ?? '') ? routes[request.url ?? ''] : undefined
    const [status, body] = route ? await answer(route, request) : ([404, { error: 'Not found.' }] as const)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
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
