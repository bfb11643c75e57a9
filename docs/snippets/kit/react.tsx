/** React elements in a document, for the snippets' tests. */
import { act, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { buttonOf } from './buttons.ts'
import { atEnd, passing } from './stage.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

/** Renders until the test is over. */
export async function inReact(children: ReactNode) {
  const container = document.createElement('div')
  document.body.append(container)
  const root = createRoot(container)
  await act(async () => root.render(children))
  atEnd(async () => {
    await act(async () => root.unmount())
    container.remove()
  })
  const settle = (ms = 0): Promise<void> => act(() => passing(ms))
  return {
    container,
    text: () => container.textContent ?? '',
    /** Lets time pass, and React render. */
    settle,
    render: (next: ReactNode) => act(async () => root.render(next)),
    /** Does something that React is to render. */
    does: async (step: () => unknown) => {
      await act(async () => step())
      await settle()
    },
    /** Presses the button of this name. */
    press: (name: string) => act(async () => buttonOf(container, name).click()),
  }
}
