/** The file of a SQLite log: opening it as its only owner, its schema and its version. */
import { DatabaseSync } from 'node:sqlite'
import { type Random, randomText } from '@holdfast/core/ports'
import { formatTerm } from '@holdfast/core/protocol'
import { HubError } from '../errors.ts'

/** How a commit reaches the disk: FULL survives a power cut, NORMAL only the end of the process. */
export type Synchronous = 'FULL' | 'NORMAL'

/** Marks the file as ours: the bytes `hold`. */
const APPLICATION_ID = 0x686f6c64
export const SCHEMA_VERSION = 1

const SECRET_BYTES = 32
const ID_DIGITS = 13
/** SQLite's primary result codes. */
const BUSY = 5
const LOCKED = 6
const NOT_A_DATABASE = 26
const CORRUPT = 11

// An entry keeps its id, so that one row and one index entry serve both reading and idempotency; trimmed rows stay,
// without their body, until the id expires.
const SCHEMA = `
CREATE TABLE log (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE channel (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, top INTEGER NOT NULL, base INTEGER NOT NULL, time REAL NOT NULL
);
CREATE TABLE detail (channel INTEGER PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE entry (
  channel INTEGER NOT NULL, seq INTEGER NOT NULL, time REAL NOT NULL, body TEXT,
  identity TEXT, id TEXT, digest TEXT, expires_at REAL NOT NULL, PRIMARY KEY (channel, seq)
) WITHOUT ROWID;
CREATE INDEX entry_id ON entry (channel, identity, id) WHERE id IS NOT NULL;
CREATE TABLE producer (
  channel INTEGER NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (channel, id)
) WITHOUT ROWID;
`

export interface SqliteFile {
  readonly database: DatabaseSync
  readonly id: string
  readonly secret: Uint8Array
}

/** Opens or makes the file. Throws a HubError: `log_busy` where another owner has it, `log_incompatible`. */
export function openFile(path: string, synchronous: Synchronous, random: Random): SqliteFile {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    // Held from the first access until the connection or its process ends, kill -9 included.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL')
    database.exec(
      `PRAGMA synchronous = ${synchronous === 'NORMAL' ? 'NORMAL' : 'FULL'}; PRAGMA cache_size = -20000`,
    )
    database.exec('BEGIN IMMEDIATE')
    prepareSchema(database, path, random)
    database.exec('COMMIT')
    const id = readValue(database, 'id')
    const secret = readValue(database, 'secret')
    if (typeof id !== 'string' || !(secret instanceof Uint8Array)) throw incompatible(path, 'it has no id')
    return { database, id, secret }
  } catch (error) {
    if (database?.isOpen) database.close()
    throw openError(path, error)
  }
}

function prepareSchema(database: DatabaseSync, path: string, random: Random): void {
  const version = pragma(database, 'user_version')
  const application = pragma(database, 'application_id')
  if (application === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) return
    throw incompatible(path, `its schema is version ${version}, this is version ${SCHEMA_VERSION}`)
  }
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()
  if (application !== 0 || tables?.count !== 0) throw incompatible(path, 'it belongs to another program')
  database.exec(SCHEMA)
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`)
  const insert = database.prepare('INSERT INTO log (key, value) VALUES (?, ?)')
  insert.run('id', formatTerm(0, randomText(random, ID_DIGITS)))
  insert.run('secret', random.bytes(SECRET_BYTES))
  insert.run('forgotten', 0)
}

export function readValue(database: DatabaseSync, key: string): unknown {
  return database.prepare('SELECT value FROM log WHERE key = ?').get(key)?.value
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name]
}

function incompatible(path: string, why: string): HubError {
  return new HubError('log_incompatible', { message: `The log ${path} cannot be used: ${why}.` })
}

function openError(path: string, cause: unknown): HubError {
  if (cause instanceof HubError) return cause
  // Extended result codes carry the primary one in their low byte.
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : -1
  if (code === BUSY || code === LOCKED) {
    return new HubError('log_busy', { message: `The log ${path} is open in another process.`, cause })
  }
  if (code === NOT_A_DATABASE) {
    return new HubError('log_incompatible', { message: `The file ${path} is no log.`, cause })
  }
  if (code === CORRUPT) {
    return new HubError('log_incompatible', {
      message: `The log ${path} is damaged. Restore it from a copy, or move it away to begin a new one.`,
      cause,
    })
  }
  return new HubError('log_unavailable', { message: `The log ${path} could not be opened.`, cause })
}
