import { createClient, type Millrace, type Queue } from '../../src/client/index.ts'
import { createWorker } from '../../src/worker/index.ts'
import type { Figure } from '../measure.ts'
import { bodyOf1Kb, percentile } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'

const hour = 3_600_000
const perBatch = 1000
/** Between the last of them being put aside and their common due time. */
const restMs = 2000

/** Messages that workers put aside: how late they come back, what others notice of it, and what they cost while they wait. */
export const delays = async (server: ServerProcess, scale: number): Promise<Figure[]> => {
  const millrace = createClient({ url: server.url })
  const many = Math.max(perBatch, Math.round((100_000 * scale) / perBatch) * perBatch)
  try {
    const figures: Figure[] = []
    for (const [count, withinMs] of [
      [10_000, 1000],
      [10_000, 0],
      [many, 0],
    ] as const) {
      const name = `${count.toLocaleString('en-US')} due ${withinMs > 0 ? 'in the same second' : 'at one instant'}`
      const { lateMs, stallMs } = await comingBack(millrace, count, withinMs)
      const late = { name: `${name}, in a worker's hands late by (p99)`, value: lateMs, unit: 'ms' }
      // What comes at one instant takes as long as it takes to hand out and settle.
      figures.push(withinMs > 0 ? { ...late, wanted: 250, lessIsBetter: true } : late)
      figures.push(atMost(50, `${name}, longest send or receive meanwhile`, stallMs))
    }
    const back = await backInQueue(millrace, 10_000)
    figures.push(atMost(250, '10,000 due at one instant, nobody receives: 99 % back in the queue after', back))
    const before = await lifecycles(millrace, 'without')
    await putAside(millrace.queue('with'), many, () => hour)
    const after = await lifecycles(millrace, 'with')
    const against = { name: 'without them', value: before, ratio: after / before, wanted: 0.9 }
    const name = `dequeues beside ${many.toLocaleString('en-US')} delayed ones`
    figures.push({ name, value: after, unit: 'messages/s', against })
    return figures
  } finally {
    await millrace.close()
  }
}

const atMost = (wanted: number, name: string, value: number): Figure => ({
  name,
  value,
  unit: 'ms',
  wanted,
  lessIsBetter: true,
})

/** A worker of the SDK takes them as they come back, and other clients send and receive beside it. */
const comingBack = async (
  millrace: Millrace,
  count: number,
  withinMs: number,
): Promise<{ lateMs: number; stallMs: number }> => {
  const queue = millrace.queue(`due-${count}-${withinMs}`)
  const { times } = await putAsideUntil(queue, count, withinMs)
  const latenesses: number[] = []
  const worker = createWorker({
    queue,
    concurrency: 1000,
    processMessage: ({ id }) => latenesses.push(Date.now() - (times.get(id) ?? 0)),
  })
  const probing = probe(millrace.queue('probe'), () => latenesses.length < count)
  await worker.start()
  const stallMs = await probing
  await worker.stop()
  return { lateMs: percentile(latenesses, 0.99), stallMs }
}

const backInQueue = async (millrace: Millrace, count: number): Promise<number> => {
  const queue = millrace.queue('due-alone')
  const { dueAt } = await putAsideUntil(queue, count, 0)
  await new Promise((resolve) => setTimeout(resolve, dueAt - Date.now()))
  while ((await queue.info()).counts.reprocessing > count / 100) await new Promise((resolve) => setTimeout(resolve, 5))
  return Date.now() - dueAt
}

/** When each is due: all at once, or one after the other. What is put aside first waits longest. */
const putAsideUntil = async (queue: Queue<unknown>, count: number, withinMs: number) => {
  const perSecond = 4000
  const dueAt = Date.now() + restMs + (count / perSecond) * 1000
  const times = new Map<string, number>()
  let given = 0
  const delayMs = () => Math.max(1, dueAt + Math.round((given++ / count) * withinMs) - Date.now())
  await putAside(queue, count, delayMs, times)
  if (Date.now() >= dueAt) throw new Error('putting them aside took so long that some are due already')
  return { dueAt, times }
}

/** Sends and receives in another queue while it goes on; the longest that one of them took. */
const probe = async (queue: Queue<unknown>, goesOn: () => boolean): Promise<number> => {
  let longest = 0
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now()
    await work()
    longest = Math.max(longest, performance.now() - began)
  }
  while (goesOn()) {
    await timed(() => queue.send('probe'))
    await timed(() => queue.pop())
  }
  return longest
}

const putAside = async (
  queue: Queue<unknown>,
  count: number,
  delayMs: () => number,
  times?: Map<string, number>,
): Promise<void> => {
  const body = JSON.parse(bodyOf1Kb()) as unknown
  for (let done = 0; done < count; done += perBatch) {
    await queue.sendMany(Array.from({ length: perBatch }, () => ({ body })))
    const received = await queue.receive({ maxMessages: perBatch })
    const delayed = received.map(async (message) => {
      const { id, visibleAt } = await message.reprocess(delayMs())
      times?.set(id, visibleAt ?? 0)
    })
    await Promise.all(delayed)
  }
}

const lifecycles = async (millrace: Millrace, name: string): Promise<number> => {
  const queue = millrace.queue(name)
  const total = 20_000
  const body = JSON.parse(bodyOf1Kb()) as unknown
  const began = performance.now()
  for (let done = 0; done < total; done += perBatch) {
    await queue.sendMany(Array.from({ length: perBatch }, () => ({ body })))
    const received = await queue.receive({ maxMessages: perBatch })
    await Promise.all(received.map((message) => message.delete()))
  }
  return (total / (performance.now() - began)) * 1000
}
