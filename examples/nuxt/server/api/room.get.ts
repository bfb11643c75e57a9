/** What the page is rendered with. The hub asks nobody for its history, so this route has to. */
import { LATEST, ROOM } from '../../shared/room.ts'
import { sharedHub } from '../lib/shared-hub.ts'
import { visitorIn } from '../lib/visitor.ts'

export default defineEventHandler(async (event) => {
  const visitor = visitorIn(getHeader(event, 'cookie'))
  if (!visitor) throw createError({ statusCode: 401 })
  const { messages } = await sharedHub().history(ROOM, { limit: LATEST })
  return { visitorId: visitor.id, messages }
})
