/** What is rendered on a server, and what becomes of it in the browser. */
import type { Message } from '@holdfast/core'
import { expect, it } from 'vitest'
import type { Binding } from './binding.ts'
import { stageOf } from './stage.ts'

export function serverCases(binding: Binding): void {
  const { name, renderPage, hydratePage } = binding

  /** A server that has two messages, as an application's loader gets them. */
  async function stage() {
    const made = stageOf(binding)
    const { server, settle } = made
    const initialMessages: Message[] = []
    for (const data of ['one', 'two']) server.publish('room', data)
    const reader = server.client()
    reader.channel('room').subscribe({ from: 'earliest' }, (message) => initialMessages.push(message))
    await settle()
    await reader.close()
    await settle()
    return { ...made, initialMessages, timers: server.clock.pending, links: server.transport.links.length }
  }

  it(`a server render shows the initial messages, and opens no socket and no timer (${name})`, async () => {
    const { server, initialMessages, timers, links } = await stage()
    const html = await renderPage(server.client(), 'room', { initialMessages })
    expect(textOf(html)).toBe('one two idle OFFLINE false')
    await server.clock.advance(0)
    expect(server.transport.links).toHaveLength(links)
    expect(server.clock.pending).toBe(timers)
  })

  it(`hydration shows the same page, and goes on after its last message: what came between is not lost (${name})`, async () => {
    const { server, client, settle, initialMessages } = await stage()
    const options = { initialMessages }
    const html = await renderPage(server.client(), 'room', options)
    server.publish('room', 'between')
    const before = server.frames.length
    const page = await hydratePage(client, html, 'room', options)
    await settle()
    server.publish('room', 'after')
    await settle()
    expect(page.mismatches).toEqual([])
    expect(page.text()).toBe('one two between after subscribed ONLINE false')
    const asked = server.frames
      .slice(before)
      .flatMap((frame) => (frame.type === 'subscribe' ? frame.channels : []))
    expect(asked.toSorted((a, b) => a.channel.localeCompare(b.channel))).toEqual([
      { channel: 'room', from: { after: initialMessages[1]?.offset } },
      { channel: 'room:events' },
    ])
    await page.unmount()
  })
}

function textOf(html: string): string {
  return html
    .replace(/<!--.*?-->/gs, '')
    .replace(/<[^>]*>/g, '')
    .trim()
}
