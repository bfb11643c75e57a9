import { holdfast } from '@holdfast/vue'
import { createApp } from 'vue'
import type { Mount } from '../shared/visit.ts'
import Room from './room.vue'

export const mountVue: Mount = (target, visit) => {
  const app = createApp(Room, { visit })
  app.use(holdfast, { client: visit.client })
  app.mount(target)
  return () => app.unmount()
}
