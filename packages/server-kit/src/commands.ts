/** The commands of an attached client. Each is answered once. */
import type { ClientFrame, HistoryFrame, PublishFrame } from '@holdfast/core/protocol'
import { allow } from './authorization.ts'
import type { ChannelSetup } from './channel.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import { runText } from './frames.ts'
import type { LogRun } from './log/log.ts'
import { isPromise } from './maybe-promise.ts'
import { outgoing, outgoingFor } from './outgoing.ts'
import type { Accepted, Published } from './publisher.ts'
import type { Client, Session } from './session.ts'
import { subscribe, unsubscribe } from './subscribing.ts'

type Command = Exclude<ClientFrame, { readonly type: 'auth' | 'detach' }>

const HISTORY_LIMIT = 100

export function runCommand(context: HubContext, session: Session, client: Client, frame: Command): void {
  const refuse = (error: unknown): void => session.refuse(frame, error)
  switch (frame.type) {
    case 'subscribe':
      subscribe(context, session, client, frame).catch(refuse)
      break
    case 'unsubscribe':
      unsubscribe(session, client, frame)
      break
    case 'publish':
      publish(context, session, frame).catch(refuse)
      break
    case 'history':
      session.inTurn(() => history(context, session, frame)).catch(refuse)
      break
    case 'ping':
      session.answer(answerText(frame, ''))
      break
  }
}

/** The start of an `ok` answer, up to its own fields. */
function answerText({ id, client }: Command, fields: string): string {
  return `{"type":"ok","id":${id}${client === undefined ? '' : `,"client":${client}`}${fields}}`
}

/**
 * Publishes of a session on one channel keep their order: while a hook of one is awaited, the next waits for it. The
 * log keeps the order of the appends from there on.
 */
async function publish(context: HubContext, session: Session, frame: PublishFrame): Promise<void> {
  const { channel } = frame
  const accept = (): ReturnType<typeof context.publisher.accept> =>
    context.publisher.accept(channel, { ...frame, identity: session.identity })
  const before = session.publishing?.get(channel)
  const accepted = before ? before.then(accept) : accept()
  const published = isPromise(accepted) ? inOrder(session, channel, accepted) : accepted()
  session.answer(publishedText(frame, await published))
}

function inOrder(session: Session, channel: string, accepted: Promise<Accepted>): Promise<Published> {
  session.publishing ??= new Map()
  const { publishing } = session
  const appended = accepted.then((append) => ({ published: append() }))
  const settled = appended.then(
    () => undefined,
    () => undefined,
  )
  publishing.set(channel, settled)
  settled.then(() => {
    if (publishing.get(channel) === settled) publishing.delete(channel)
  })
  return appended.then(({ published }) => published)
}

function publishedText(frame: PublishFrame, { first, at, time, isDuplicate }: Published): string {
  const place = first ? `,"term":"${first.term}","seq":${first.seq},"at":"${at}"` : ',"at":null'
  return answerText(frame, `${place},"time":${time}${isDuplicate ? ',"duplicate":true' : ''}`)
}

/** Pages are long: a session gets the next one when it has taken those before it. */
async function history(context: HubContext, session: Session, frame: HistoryFrame): Promise<void> {
  await session.room()
  if (session.isClosed) return
  const setup = context.channels.setup(frame.channel)
  await allow(context, setup, { ...session.hookContext(setup), clientParams: null }, 'history')
  if (!setup.isDurable) throw new HubError('not_durable')
  const { before, after, limit = HISTORY_LIMIT } = frame
  if (before !== undefined && after !== undefined)
    throw new HubError('bad_cursor', { message: 'A page lies before an offset or after one, not both.' })
  const { log, offsets } = context
  const { runs, gap, hasMore } = await log.history(setup.key, {
    limit,
    maxLength: context.config.limits.bufferedBytes,
    ...(before === undefined ? {} : { before: offsets.present(setup.key, before) }),
    ...(after === undefined ? {} : { after: offsets.present(setup.key, after) }),
  })
  const texts = runs.map((run) => runText({ ...run, bodies: visible(context, session, setup, run) }))
  const told = gap
    ? `,"gap":${JSON.stringify({ ...gap, resumeAt: offsets.sign(setup.key, gap.resumeAt) })}`
    : ''
  session.answer(answerText(frame, `,"runs":[${texts.join(',')}],"hasMore":${hasMore}${told}`))
}

/** What hooks on outgoing messages leave of a run. */
function visible(context: HubContext, session: Session, setup: ChannelSetup, run: LogRun): readonly string[] {
  return outgoingFor(context, setup, outgoing(context, setup, run.bodies), session.hookContext(setup))
}
