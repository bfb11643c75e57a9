/** Gives every visitor a cookie on the first visit, and tells the pages who it is. */
import type { Handle } from '@sveltejs/kit/hooks'
import { COOKIE, newVisitor, visitorIn } from '#lib/server/visitor.ts'

const YEAR_S = 365 * 24 * 60 * 60

export const handle: Handle = ({ event, resolve }) => {
  const { headers } = event.request
  const known = visitorIn(headers.get('cookie'))
  const visitor = known ?? newVisitor()
  event.locals.visitorId = visitor.id
  // By default, SvelteKit keeps it from scripts and from other sites' requests.
  if (!known)
    event.cookies.set(COOKIE, visitor.secret, {
      secure: headers.get('x-forwarded-proto') === 'https',
      maxAge: YEAR_S,
    })
  return resolve(event)
}
