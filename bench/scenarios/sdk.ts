import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Figure } from '../measure.ts'
import { median } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'

/** One Node.js process, 64 senders and 64 receivers at once, through the client over HTTP. */
export const throughClient = async (server: ServerProcess): Promise<Figure[]> => {
  const script = fileURLToPath(new URL('./client-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, server.url, '3'])
  const value = median(stdout.trim().split('\n').map(Number))
  return [{ name: 'whole lifecycles through the client', value, unit: 'messages/s', wanted: 25_000 }]
}
