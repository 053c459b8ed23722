import { join, resolve } from 'node:path'
import { checkIntegrity as findProblems } from './integrity.ts'
import { fileName, inMemory, openDatabase } from './open.ts'
import { SqliteStore } from './store.ts'

export type { BackupOptions, BackupProgress } from './backup.ts'
export { type RestoreOptions, restore } from './restore.ts'
export type { SqliteStore } from './store.ts'

export interface SqliteStoreOptions {
  /** Where the data is: `millrace.db` in this directory, which is made if need be. */
  readonly directory?: string
  /** Instead of `directory`: the file itself, or `:memory:` for a store that is gone when it is closed. */
  readonly file?: string
  /** SQLite's own cache of pages. */
  readonly pageCacheBytes?: number
  /** Messages that were handed out lately, kept to settle them without reading. */
  readonly itemCacheBytes?: number
}

const defaults = { pageCacheBytes: 16 * 2 ** 20, itemCacheBytes: 16 * 2 ** 20 }

/** Opens an embedded store. Throws a `StoreFailure` that says why when it cannot. */
export const sqliteStore = (options: SqliteStoreOptions): SqliteStore => {
  const { directory, file } = options
  if ((directory === undefined) === (file === undefined)) throw new TypeError('Give either a directory or a file.')
  const path = file === inMemory ? file : resolve(file ?? join(directory!, fileName))
  const database = openDatabase(path, { pageCacheBytes: options.pageCacheBytes ?? defaults.pageCacheBytes })
  return new SqliteStore(database, path, { itemCacheBytes: options.itemCacheBytes ?? defaults.itemCacheBytes })
}

/** Everything that is wrong with the store of a directory, in sentences. Nobody may have it open. Reads all of it. */
export const checkIntegrity = (directory: string): string[] => findProblems(resolve(directory, fileName))
