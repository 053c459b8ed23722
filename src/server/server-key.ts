import { randomBytes, randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { serverKeyBytes } from '../core/identity/sealing.ts'
import { makeDirectory } from '../stores/sqlite/directory.ts'
import { StartError } from './start-error.ts'

const fileName = 'server.key'

export const serverKeyPath = (directory: string): string => join(directory, fileName)

/** The key that lies in the directory, if there is one. */
export const findServerKey = (directory: string): Uint8Array | undefined => read(serverKeyPath(directory))

/** Puts a key into a directory that holds none; one that is there meanwhile stays. */
export const writeServerKey = (directory: string, key: Uint8Array): void => create(serverKeyPath(directory), key)

/** The key under which secrets are sealed. It lies beside the data, for its owner only, and is made at the first start. */
export const readServerKey = (directory: string, file = serverKeyPath(directory)): Uint8Array => {
  const key = read(file)
  if (key) return key
  makeDirectory(dirname(file))
  create(file, randomBytes(serverKeyBytes))
  const made = read(file)
  if (!made) throw new StartError(`The server key ${file} cannot be read: it is a link to nothing`)
  return made
}

const read = (path: string): Uint8Array | undefined => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StartError(`The server key ${path} cannot be read: ${(error as Error).message}`)
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== serverKeyBytes) {
    throw new StartError(
      `${path} is damaged: it has to hold ${serverKeyBytes} bytes in base64. Restore it from a backup. Without it, remove ` +
        'the file: bearer tokens go on working, and keys that sign requests have to be made anew.',
    )
  }
  const { mode } = statSync(path)
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new StartError(`Others can read the server key ${path}. Run: chmod 600 ${path}`)
  }
  return key
}

/** Complete or not there at all, however the process ends meanwhile; and of several that begin at once, all go by the first one's. */
const create = (path: string, key: Uint8Array): void => {
  const unfinished = `${path}.${randomUUID()}`
  try {
    const file = openSync(unfinished, 'wx', 0o600)
    try {
      writeSync(file, `${Buffer.from(key).toString('base64')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    publish(unfinished, path)
  } catch (error) {
    throw new StartError(`The server key ${path} cannot be written: ${(error as Error).message}`)
  } finally {
    rmSync(unfinished, { force: true })
  }
}

/** Under its name, unless something has that already. */
const publish = (unfinished: string, path: string): void => {
  try {
    linkSync(unfinished, path)
  } catch (error) {
    // Not all file systems have links.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(unfinished, path)
  }
}
