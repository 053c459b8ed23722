import { createClient, type Millrace, type Queue } from '../../src/client/index.ts'
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
    for (const count of [10_000, many]) {
      const { late, stalls } = await dueTogether(millrace, count)
      const name = `${count.toLocaleString('en-US')} due at one instant`
      if (count === 10_000) {
        figures.push({
          name: `${name}, handed out late by (p99)`,
          value: late,
          unit: 'ms',
          wanted: 250,
          lessIsBetter: true,
        })
      }
      figures.push({
        name: `${name}, longest send or receive`,
        value: stalls,
        unit: 'ms',
        wanted: 50,
        lessIsBetter: true,
      })
    }
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

const dueTogether = async (millrace: Millrace, count: number): Promise<{ late: number; stalls: number }> => {
  const queue = millrace.queue(`due-${count}`)
  // What is put aside first waits longest, so that all of them come back together.
  let dueAt = 0
  const perSecond = 4000
  dueAt = Date.now() + restMs + (count / perSecond) * 1000
  await putAside(queue, count, () => Math.max(1, dueAt - Date.now()))
  const lateness: number[] = []
  const worker = async () => {
    while (lateness.length < count) {
      const received = await queue.receive({ maxMessages: 100, waitMs: 1000 })
      const now = Date.now()
      for (const _ of received) lateness.push(now - dueAt)
      await Promise.all(received.map((message) => message.delete()))
    }
  }
  const probing = probe(millrace.queue(`probe-${count}`), () => lateness.length < count)
  await Promise.all([...Array.from({ length: 8 }, worker), probing])
  return { late: percentile(lateness, 0.99), stalls: await probing }
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

const putAside = async (queue: Queue<unknown>, count: number, delayMs: () => number): Promise<void> => {
  const body = JSON.parse(bodyOf1Kb()) as unknown
  for (let done = 0; done < count; done += perBatch) {
    await queue.sendMany(Array.from({ length: perBatch }, () => ({ body })))
    const received = await queue.receive({ maxMessages: perBatch })
    const delay = delayMs()
    await Promise.all(received.map((message) => message.reprocess(delay)))
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
