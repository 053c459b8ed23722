import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { StoreFailure } from '../../core/store.ts'
import { type BackupProgress, syncDirectory } from './backup.ts'
import { makeDirectory } from './directory.ts'
import { asStoreFailure } from './failures.ts'
import { findDamage } from './integrity.ts'
import { assertNotInUse, assertOurs, fileName } from './open.ts'

export interface RestoreOptions {
  /** A file that `backup` made. */
  readonly backup: string
  /** The data directory to put it in. */
  readonly directory: string
  /** Replaces a store that is there already. */
  readonly overwrite?: boolean
  /** Of the copying; the check of the copy follows. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/** Checks a backup and makes it the store of a directory. Whatever goes wrong, a store that was there is left alone. */
export const restore = async ({
  backup,
  directory,
  overwrite = false,
  onProgress = () => {},
}: RestoreOptions): Promise<void> => {
  const file = resolve(directory, fileName)
  if (!existsSync(backup)) throw refused(`There is no backup ${backup}.`)
  if (existsSync(file) && !overwrite) {
    throw refused(`${file} exists. Choose another directory, or say that it is to be replaced (--overwrite).`)
  }
  makeDirectory(directory)
  assertNotInUse(file)
  const copy = join(directory, `${fileName}.restoring`)
  try {
    await rm(copy, { force: true })
    await copyFile(backup, copy, onProgress)
    check(copy, backup)
    await syncFile(copy)
    await rm(`${file}-wal`, { force: true })
    await rename(copy, file)
    await syncDirectory(directory)
  } finally {
    await rm(copy, { force: true })
  }
}

const copyFile = async (from: string, to: string, onProgress: (progress: BackupProgress) => void): Promise<void> => {
  const { size: totalBytes } = await stat(from)
  let copiedBytes = 0
  const source = createReadStream(from, { highWaterMark: chunkBytes })
  source.on('data', (chunk) => {
    copiedBytes += chunk.length
    onProgress({ copiedBytes, totalBytes })
  })
  await pipeline(source, createWriteStream(to, { flags: 'wx', mode: 0o600 }))
}

const chunkBytes = 2 ** 20

const check = (copy: string, backup: string): void => {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(copy)
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
    assertOurs(database, backup)
    const damage = findDamage(database)
    if (damage.length > 0) {
      throw refused(`The backup ${backup} is damaged (${damage[0]}). Nothing was changed; use another one.`)
    }
  } catch (error) {
    throw asStoreFailure(error, backup)
  } finally {
    database?.close()
  }
}

const syncFile = async (file: string): Promise<void> => {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const refused = (message: string): StoreFailure => new StoreFailure(message, { safeToRetry: true })
