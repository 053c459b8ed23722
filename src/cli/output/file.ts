import { type FileHandle, open } from 'node:fs/promises'
import { usageError } from '../exit.ts'
import type { Output } from './output.ts'

export interface ResultWriter {
  write(lines: string): Promise<void>
  /** When it resolves, the lines are on disk. */
  close(): Promise<void>
}

/** Standard output, or a file that is new unless it is appended to. */
export const fileWriter = async (file: string | undefined, append: boolean, output: Output): Promise<ResultWriter> => {
  if (file === undefined) return { write: (lines) => output.line(lines), close: async () => {} }
  const handle = await openFile(file, append)
  return {
    write: (lines) => handle.appendFile(`${lines}\n`),
    close: async () => {
      await handle.sync()
      await handle.close()
    },
  }
}

const openFile = async (file: string, append: boolean): Promise<FileHandle> => {
  try {
    return await open(file, append ? 'a' : 'wx')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw usageError(`${file} exists already`, 'Name another file, or go on writing this one with --append.')
    }
    throw usageError(`cannot write ${file}: ${error instanceof Error ? error.message : error}`)
  }
}
