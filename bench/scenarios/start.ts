import type { Figure } from '../measure.ts'
import { startAsCloned } from '../servers.ts'

const starts = 3

/** From `npm start` to the first answer of a server that is ready, at the slowest of several starts on the store as it is. */
export const readyAfter = async (directory: string): Promise<Figure> => {
  let slowestMs = 0
  for (let start = 0; start < starts; start++) {
    const began = performance.now()
    const server = await startAsCloned(directory)
    slowestMs = Math.max(slowestMs, performance.now() - began)
    await server.stop()
  }
  return { name: 'ready after npm start', value: slowestMs, unit: 'ms', wanted: 2000, lessIsBetter: true }
}
