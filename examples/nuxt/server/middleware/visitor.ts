/** Gives every visitor a cookie on the first visit. */
import { COOKIE, newVisitor, visitorIn } from '../lib/visitor.ts'

const YEAR_S = 365 * 24 * 60 * 60

export default defineEventHandler((event) => {
  setHeader(event, 'cache-control', 'private, no-cache')
  const { headers } = event.node.req
  if (visitorIn(headers.cookie)) return
  const { secret } = newVisitor()
  setCookie(event, COOKIE, secret, {
    httpOnly: true,
    sameSite: 'lax',
    secure: getRequestProtocol(event) === 'https',
    path: '/',
    maxAge: YEAR_S,
  })
  // What the page asks of its own routes while it is rendered goes with the headers of this request.
  headers.cookie = [headers.cookie, `${COOKIE}=${secret}`].filter(Boolean).join('; ')
})
