import { mount, unmount } from 'svelte'
import type { Mount } from '../shared/visit.ts'
import App from './app.svelte'

export const mountSvelte: Mount = (target, visit) => {
  const app = mount(App, { target, props: { visit } })
  return () => void unmount(app)
}
