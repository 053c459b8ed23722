import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { serverKeyBytes } from '../core/identity/sealing.ts'
import { StartError } from './start-error.ts'

const fileName = 'server.key'

export const serverKeyPath = (directory: string): string => join(directory, fileName)

/** The key that lies in the directory, if there is one. */
export const findServerKey = (directory: string): Uint8Array | undefined => read(serverKeyPath(directory))

/** Puts a key into a directory that holds none. */
export const writeServerKey = (directory: string, key: Uint8Array): void => void create(serverKeyPath(directory), key)

/** The key under which secrets are sealed. It lies beside the data, for its owner only, and is made at the first start. */
export const readServerKey = (directory: string, file = serverKeyPath(directory)): Uint8Array => {
  const key = read(file)
  if (key) return key
  mkdirSync(dirname(file), { recursive: true })
  return create(file)
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

/** Complete or not there at all, however the process ends meanwhile. */
const create = (path: string, key: Uint8Array = randomBytes(serverKeyBytes)): Uint8Array => {
  const unfinished = `${path}.${process.pid}`
  try {
    const file = openSync(unfinished, 'w', 0o600)
    try {
      writeSync(file, `${Buffer.from(key).toString('base64')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw new StartError(`The server key ${path} cannot be written: ${(error as Error).message}`)
  }
  return read(path) as Uint8Array
}
