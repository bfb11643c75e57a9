/** What each fault does when it strikes, and when it counts as having bitten. */
import { Chance } from './chance.ts'
import type { Connection } from './network.ts'
import { CHANNELS, type FaultKind, type PlannedFault, type StruckFault } from './plan.ts'
import type { Stage } from './stage.ts'
import type { Tab } from './tab.ts'

type Strike = (stage: Stage, chance: Chance) => void

export function strike(stage: Stage, { kind, draw }: PlannedFault): void {
  stage.tally.applied(kind)
  stage.met(kind)
  STRIKES[kind](stage, Chance.of(draw, 7))
}

const STRIKES: Readonly<Record<StruckFault, Strike>> = {
  'hub-crash': (stage, chance) => crashHub(stage, chance, 'hub-crash'),

  'hub-drain': (stage, chance) => {
    if (!stage.server.isUp) return
    if (stage.network.connections.size > 0) stage.tally.bitten('hub-drain')
    const pauseMs = chance.between(0, 2_000)
    stage.server.drain().then(() => stage.after(pauseMs, () => stage.server.start()))
  },

  'clean-restart': (stage, chance) => {
    if (CHANNELS.some((channel) => stage.recorder.top(channel) > 0)) stage.tally.bitten('clean-restart')
    if (!stage.settings.isLogRemote || chance.hits(0.3)) crashHub(stage, chance, null)
    stage.log.restart({ clean: true })
  },

  'lost-tail': (stage, chance) => {
    const channel = chance.one(CHANNELS)
    if (loseTail(stage, chance, channel) > 0) stage.tally.bitten('lost-tail')
    if (chance.hits(0.3)) for (const connection of [...stage.network.connections]) connection.cut()
    if (chance.hits(0.2)) crashHub(stage, chance, null)
  },

  // The hub, which had claimed it, dies with the tail; sometimes so do the pages that saw it.
  forgetting: (stage, chance) => {
    const channel = chance.one(CHANNELS)
    const isFollowed = stage.server.isUp
    if (loseTail(stage, chance, channel) > 0 && isFollowed) stage.tally.bitten('forgetting')
    crashHub(stage, chance, null)
    for (const tab of stage.tabs) if (chance.hits(0.3)) reload(stage, chance, tab)
  },

  wipe: (stage, chance) => {
    if (CHANNELS.some((channel) => stage.recorder.top(channel) > 0)) stage.tally.bitten('wipe')
    crashHub(stage, chance, null)
    stage.recorder.wipe()
  },

  'log-outage': (stage, chance) => {
    const { faults } = stage.server
    const before = faults.refused
    faults.isOut = true
    stage.until(chance.between(100, 3_000), () => {
      faults.isOut = false
      if (faults.refused > before) stage.tally.bitten('log-outage')
    })
  },

  'lost-doorbell': (stage, chance) => {
    const { faults } = stage.server
    let left = chance.one([1, 1, 2, 5])
    let hasBitten = false
    const dropsBell = (): boolean => {
      if (left === 0 || chance.hits(0.3)) return false
      left--
      if (!hasBitten) stage.tally.bitten('lost-doorbell')
      hasBitten = true
      return true
    }
    faults.dropsBell = dropsBell
    stage.until(5_000, () => {
      if (faults.dropsBell === dropsBell) faults.dropsBell = () => false
    })
  },

  'lost-reply': (stage, chance) => {
    const reply = chance.one(['ack', 'ack', 'any'] as const)
    const losesTail = chance.hits(0.4)
    const delayMs = chance.between(5, 80)
    stage.onReplyLost = (channel) => {
      stage.tally.bitten('lost-reply')
      if (losesTail && channel !== null)
        stage.after(delayMs, () => stage.recorder.loseTail(channel, chance.between(1, 2)))
    }
    for (const tab of stage.tabs)
      for (const connection of connectionsOf(stage, tab)) connection.losesReply = reply
  },

  cut: (stage, chance) => {
    for (const connection of some(chance, [...stage.network.connections])) {
      if (connection.isOpen) stage.tally.bitten('cut')
      connection.cut()
    }
  },

  silence: (stage, chance) => {
    for (const connection of some(chance, [...stage.network.connections])) {
      const wasOpen = connection.isOpen
      connection.goSilent()
      stage.atEnd(() => wasOpen && connection.swallowed > 0 && stage.tally.bitten('silence'))
    }
  },

  delay: (stage, chance) => {
    const { network } = stage
    const usualMs = stage.settings.latencyMs
    const before = network.delayed
    network.latencyMs = chance.between(200, 3_000)
    stage.until(chance.between(1_000, 8_000), () => {
      if (network.delayed > before) stage.tally.bitten('delay')
      network.latencyMs = usualMs
    })
  },

  sleep: (stage, chance) => {
    const tab = chance.one(stage.tabs)
    const { page } = tab
    if (!page || page.life.isAsleep) return
    page.life.sleep()
    stage.until(chance.one([500, 4_000, 15_000]), () => {
      if (page.life.wake() > 0) stage.tally.bitten('sleep')
      if (chance.hits(0.5)) page.life.run(() => page.activity.emit('resumed'))
    })
  },

  'wall-jump': (stage, chance) => {
    const { page } = chance.one(stage.tabs)
    if (!page) return
    if (page.client.isConnected) stage.tally.bitten('wall-jump')
    page.life.shift += chance.one([-3_600_000, -5_000, 3_000, 60_000, 600_000, 7_200_000])
    if (chance.hits(0.3)) page.life.run(() => page.activity.emit('focused'))
  },

  reload: (stage, chance) => {
    const tab = chance.one(stage.tabs)
    if (tab.hasSeen) stage.tally.bitten('reload')
    reload(stage, chance, tab)
  },

  'page-crash': (stage, chance) => {
    const tab = chance.one(stage.tabs)
    if (!tab.page) return
    if (tab.hasSeen) stage.tally.bitten('page-crash')
    const hasRows = tab.waitingRows > 0
    tab.crash(chance.hits(0.7))
    if (hasRows) stage.adoptable(tab)
    stage.after(chance.between(50, 4_000), () => tab.load())
  },

  offline: (stage, chance) => {
    const tab = chance.one(stage.tabs)
    if (tab.isOffline) return
    const { page } = tab
    const isTold = chance.hits(0.5)
    tab.isOffline = true
    for (const connection of connectionsOf(stage, tab)) {
      if (connection.isOpen) stage.tally.bitten('offline')
      if (isTold) connection.cut()
      else connection.goSilent()
    }
    if (isTold) page?.life.run(() => page.activity.emit('offline'))
    stage.until(chance.between(500, 12_000), () => {
      tab.isOffline = false
      if (isTold) page?.life.run(() => page.activity.emit('online'))
    })
  },

  slow: (stage, chance) => {
    const tab = chance.one(stage.tabs)
    for (const connection of connectionsOf(stage, tab)) {
      connection.stall()
      stage.until(chance.between(300, 6_000), () => {
        if (connection.mostBuffered > stage.settings.bufferedBytes) stage.tally.bitten('slow')
        connection.drain()
      })
    }
  },
}

/** @param kind what it counts as; null where another fault counts already */
function crashHub(stage: Stage, chance: Chance, kind: FaultKind | null): void {
  const { server, network } = stage
  if (!server.isUp) return
  if (kind && network.connections.size > 0) stage.tally.bitten(kind)
  server.crash(chance.hits(0.7))
  stage.after(chance.between(20, 4_000), () => server.start())
}

/** Some of the last entries, all of the newest term, or more than it. Answers how many went. */
function loseTail(stage: Stage, chance: Chance, channel: string): number {
  const { recorder } = stage
  const ofTerm = recorder.top(channel) - recorder.termStart(channel) + 1
  const count = chance.hits(0.4) ? Math.min(ofTerm, 12) + chance.between(0, 1) : chance.between(1, 4)
  return recorder.loseTail(channel, count)
}

function reload(stage: Stage, chance: Chance, tab: Tab): void {
  if (!tab.page) return
  tab.close()
  stage.after(chance.between(0, 3_000), () => tab.load())
}

function connectionsOf(stage: Stage, tab: Tab): Connection[] {
  return tab.page ? stage.network.of(tab.page.life) : []
}

/** All of them, or one. */
function some<T>(chance: Chance, list: readonly T[]): readonly T[] {
  return list.length === 0 || chance.hits(0.4) ? list : [chance.one(list)]
}
