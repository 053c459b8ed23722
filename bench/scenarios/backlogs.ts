import { openMillrace } from '../../src/index.ts'
import { bodyOf1Kb } from '../measure.ts'

/** What the store is filled with before the same figures are taken again. */
export interface Backlog {
  readonly name: string
  fill(directory: string, report: (share: number) => void): Promise<void>
}

const hour = 3_600_000

const fillQueue = async (
  directory: string,
  messages: number,
  options: { delayMs?: number; queueOf?: (batch: number) => string; perBatch?: number },
  report: (share: number) => void,
): Promise<void> => {
  const millrace = await openMillrace({ directory })
  const body = new TextEncoder().encode(bodyOf1Kb())
  const perBatch = options.perBatch ?? 1000
  const delay = options.delayMs === undefined ? {} : { delayMs: options.delayMs }
  const batches = messages / perBatch
  let next = 0
  const filler = async () => {
    for (let batch = next++; batch < batches; batch = next++) {
      const queue = millrace.queue<Uint8Array>(options.queueOf?.(batch) ?? 'bench')
      await queue.sendMany(Array.from({ length: perBatch }, () => ({ body, ...delay })))
      if (batch % 100 === 0) report(batch / batches)
    }
  }
  await Promise.all([filler(), filler()])
  await millrace.close()
}

export const backlogs = (scale: number): Backlog[] => [
  {
    name: `${label(10_000_000 * scale)} messages waiting`,
    fill: (directory, report) => fillQueue(directory, 10_000_000 * scale, {}, report),
  },
  {
    name: `${label(1_000_000 * scale)} messages delayed`,
    fill: (directory, report) => fillQueue(directory, 1_000_000 * scale, { delayMs: hour }, report),
  },
  {
    name: `${label(10_000 * scale)} queues`,
    fill: (directory, report) =>
      fillQueue(directory, 100_000 * scale, { perBatch: 10, queueOf: (batch) => `queue-${batch}` }, report),
  },
]

const label = (count: number): string => count.toLocaleString('en-US')
