// @vitest-environment node
import { roomServer } from '@holdfast/conformance/binding'
import { type ReactElement, Suspense } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import { Channel, HoldfastProvider, useConnectionStatus, useMessages, usePublish } from './index.ts'
import { useSuspenseMessages } from './suspense.ts'

it('nothing opens on a server without a document, and nothing suspends', async () => {
  expect(typeof window).toBe('undefined')
  const server = roomServer()
  function Page(): ReactElement {
    const { isLoading } = useMessages('room')
    const { status } = useConnectionStatus()
    const { isPending } = usePublish('room')
    const { messages } = useSuspenseMessages('other')
    return <p>{[isLoading, status, isPending, messages.length].join(' ')}</p>
  }
  const html = renderToString(
    <HoldfastProvider client={server.client()}>
      <Suspense fallback="waiting">
        <Channel channel="room" />
        <Page />
      </Suspense>
    </HoldfastProvider>,
  )
  expect(html).toContain('<p>true OFFLINE false 0</p>')
  await server.clock.advance(0)
  expect(server.transport.links).toHaveLength(0)
  expect(server.clock.pending).toBe(0)
})
