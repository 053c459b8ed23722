import { stat, statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkStore, hasStore, storeBytes } from '../../server/offline.ts'
import { formatBytes } from '../output/format.ts'
import type { Finding } from './finding.ts'

/** Looks at the data of a server that is stopped. */
export async function* checkData(data: string): AsyncGenerator<Finding> {
  const directory = resolve(data)
  const missing = await missingData(directory)
  if (missing) return yield missing
  const sizeBytes = storeBytes(directory)
  yield { check: 'data', state: 'ok', detail: `${directory} holds ${formatBytes(sizeBytes)}` }
  yield await checkDisk(directory, sizeBytes)
  yield checkContent(directory)
}

const missingData = async (directory: string): Promise<Finding | undefined> => {
  const found = await stat(directory).catch(() => undefined)
  const advice = "Give the directory that 'millrace serve' names when it starts."
  if (!found?.isDirectory()) return { check: 'data', state: 'fail', detail: `${directory} is not a directory`, advice }
  if (!hasStore(directory)) return { check: 'data', state: 'fail', detail: `${directory} holds no store`, advice }
  return undefined
}

const checkDisk = async (directory: string, sizeBytes: number): Promise<Finding> => {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  const detail = `${formatBytes(free)} of the disk are free`
  return free > Math.max(1024 ** 3, sizeBytes / 4)
    ? { check: 'disk', state: 'ok', detail }
    : { check: 'disk', state: 'warn', detail, advice: 'Make room: a full disk refuses new messages.' }
}

const checkContent = (directory: string): Finding => {
  try {
    const problems = checkStore(directory)
    if (problems.length === 0) {
      return { check: 'integrity', state: 'ok', detail: 'the store is sound, every record checked' }
    }
    const advice =
      "Keep a copy of the directory, then restore a backup: 'millrace restore FILE --data DIR --overwrite'."
    return { check: 'integrity', state: 'fail', detail: problems.join('; '), advice }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return {
      check: 'integrity',
      state: 'fail',
      detail,
      advice: 'While its server runs, check it there, without --data.',
    }
  }
}
