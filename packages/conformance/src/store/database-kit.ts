/** Real connections to a database, beside the store's own. */
export function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Opens a connection that lets go when another wants the database. */
export async function connect(name: string, version?: number): Promise<IDBDatabase> {
  const db = await done(indexedDB.open(name, version))
  db.onversionchange = () => db.close()
  return db
}

export async function remove(name: string): Promise<void> {
  await done(indexedDB.deleteDatabase(name))
}

/** What lies in an object store, read by a connection of its own. */
export async function contents(name: string, store: 'commits' | 'outbox'): Promise<unknown[]> {
  const db = await connect(name)
  try {
    return await done(db.transaction(store).objectStore(store).getAll())
  } finally {
    db.close()
  }
}
