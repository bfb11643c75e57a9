import type { Random } from '@holdfast/core/ports'
import { createVirtualClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { claimCases } from './claims.ts'
import { concurrencyCases } from './concurrency.ts'
import { doorbellCases } from './doorbell.ts'
import { idempotencyCases } from './idempotency.ts'
import { type LogCapability, type LogCase, type LogHarness, LogKit, type LogSurroundings } from './kit.ts'
import { lifecycleCases } from './lifecycle.ts'
import { positionCases } from './positions.ts'
import { producerCases } from './producers.ts'
import { readRuleCases } from './read-rule.ts'
import { retentionCases } from './retention.ts'

export interface LogSuiteOptions {
  /** The engine, as it is named in the titles. */
  readonly name: string
  /** What the harness can do; where it cannot, the reason. */
  readonly capabilities: Readonly<Record<LogCapability, true | { readonly reason: string }>>
  /** A fresh log, opened. */
  start(surroundings: LogSurroundings): Promise<LogHarness>
}

const TOPICS: Readonly<Record<string, readonly LogCase[]>> = {
  positions: positionCases,
  idempotency: idempotencyCases,
  claims: claimCases,
  'read rule': readRuleCases,
  retention: retentionCases,
  producers: producerCases,
  lifecycle: lifecycleCases,
  doorbell: doorbellCases,
  concurrency: concurrencyCases,
}

/** Written out, so that a topic which collects no case is noticed. */
export const LOG_CASES = 80

/** The contract of a log, for every engine. */
export function logSuite({ name, capabilities, start }: LogSuiteOptions): void {
  let ran = 0
  let withheld = 0
  describe(`log contract (${name})`, () => {
    for (const [topic, cases] of Object.entries(TOPICS)) {
      describe(topic, () => {
        for (const { row, title, needs, run } of cases) {
          const capability = needs ? capabilities[needs] : true
          const label = row ? `${row} (${name}): ${title}` : `(${name}) ${title}`
          if (capability !== true) {
            withheld++
            it.skip(`${label} [${capability.reason}]`)
            continue
          }
          it(label, async () => {
            ran++
            const random: Random = seededRandom(ran)
            const clock = createVirtualClock()
            const harness = await start({ clock, random })
            try {
              await run(new LogKit(harness, clock))
            } finally {
              await harness.stop()
            }
          })
        }
      })
    }
    it(`(${name}) ran every case`, () => {
      expect(Object.values(TOPICS).flat().length).toBe(LOG_CASES)
      expect(ran + withheld).toBe(LOG_CASES)
    })
  })
}
