import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BackupOptions,
  checkIntegrity,
  type RestoreOptions,
  restore,
  sqliteStore,
} from '../stores/sqlite/index.ts'

/** What can be done with a data directory that no server has open. Everything rejects with a sentence that says why. */

/** Whether there is a store in the directory. */
export const hasStore = (directory: string): boolean => existsSync(storeFile(directory))

/** Bytes on disk, what is not yet written into the file itself included. */
export const storeBytes = (directory: string): number =>
  [storeFile(directory), `${storeFile(directory)}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

/** Everything that is wrong with the store, in sentences. Reads all of it. */
export const checkStore = (directory: string): string[] => checkIntegrity(directory)

/** Copies the store into a file that does not exist yet; answers its size. */
export const backupStore = async (directory: string, file: string, options: BackupOptions): Promise<number> => {
  const store = sqliteStore({ directory })
  try {
    await store.backup(file, options)
  } finally {
    await store.close()
  }
  return statSync(file).size
}

/** Checks a backup and makes it the store of a directory. */
export const restoreStore = (options: RestoreOptions): Promise<void> => restore(options)

const storeFile = (directory: string): string => join(directory, 'millrace.db')
