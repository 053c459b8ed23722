import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreFailure } from '../../core/store.ts'

/** Makes a directory for its owner only, with those above it that are missing. */
export const makeDirectory = (directory: string): void => {
  try {
    make(directory)
  } catch (cause) {
    throw new StoreFailure(`The directory ${directory} cannot be created: ${(cause as Error).message}`, {
      safeToRetry: true,
      cause,
    })
  }
}

/** Level by level: what Node.js does with `recursive` never ends where a file system, such as /proc, says ENOENT to it. */
const make = (directory: string): void => {
  if (isDirectory(directory)) return
  const above = dirname(directory)
  if (above !== directory) make(above)
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    // Another process may have made it just now.
    if (!isDirectory(directory)) throw error
  }
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
