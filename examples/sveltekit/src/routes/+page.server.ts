/** What the page is rendered with. The hub asks nobody for its history; here everybody may see it. */
import { LATEST, ROOM } from '#lib/room.ts'
import { sharedHub } from '#lib/server/shared-hub.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, setHeaders }) => {
  setHeaders({ 'cache-control': 'private, no-cache' })
  const { messages } = await sharedHub().history(ROOM, { limit: LATEST })
  return { visitorId: locals.visitorId, messages }
}
