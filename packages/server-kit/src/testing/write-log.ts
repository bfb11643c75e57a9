/** Appends without end, several at a time, and reports every acknowledgement until it is killed. */
import { sqliteLog } from '../log/sqlite.ts'

const log = sqliteLog(process.argv[2] as string)
await log.open()
const retention = { maxEntries: 100_000, maxAgeMs: 1e9 }

async function writer(name: string): Promise<void> {
  for (let n = 1; ; n++) {
    const id = `${name}-${n}`
    const entries = [{ id, digest: { value: id }, body: JSON.stringify({ id }) }]
    const result = await log.append('c', { entries, identity: 'ann', idempotencyMs: 60_000, retention })
    if (result.outcome !== 'refused') process.send?.({ id, seq: result.last.seq })
  }
}
await Promise.all(['a', 'b', 'c'].map(writer))
