/** Vue's components in a document, for the snippets' tests. */
import type { Client } from '@holdfast/core'
import { holdfast } from '@holdfast/vue'
import { type Component, createApp, h, nextTick } from 'vue'
import { buttonOf } from './buttons.ts'
import { atEnd, passing } from './stage.ts'

/** Shows a component under a client until the test is over. */
export async function inVue(client: Client, component: Component, props: Record<string, unknown> = {}) {
  const container = document.createElement('div')
  document.body.append(container)
  const app = createApp({ render: () => h(component, props) }).use(holdfast, { client })
  app.mount(container)
  atEnd(() => {
    app.unmount()
    container.remove()
  })
  await nextTick()
  return { app, ...showing(container) }
}

export function showing(container: HTMLElement) {
  const settle = async (ms = 0): Promise<void> => {
    await passing(ms)
    await nextTick()
  }
  return {
    container,
    text: () => container.textContent?.trim() ?? '',
    /** Lets time pass, and Vue render. */
    settle,
    /** Presses the button of this name. */
    press: async (name: string) => {
      buttonOf(container, name).click()
      await nextTick()
    },
  }
}
