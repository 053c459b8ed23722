import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Millrace, openMillrace } from '../../src/index.ts'
import type { Figure } from '../measure.ts'
import { bodyOf1Kb, median } from '../measure.ts'

const due = 10_000

/** Messages that are due at one moment, called for one by one; and what it costs to remember what becomes of them. */
export const push = async (directory: string): Promise<Figure[]> => {
  const service = fork(join(import.meta.dirname, 'service-process.ts'))
  const millrace = await openMillrace({ directory })
  try {
    const [port] = (await once(service, 'message')) as [number]
    return [...(await dispatches(millrace, `http://127.0.0.1:${port}/`)), ...(await histories(millrace))]
  } finally {
    await millrace.close()
    service.kill()
  }
}

/** With as many calls at once as a target has by default, and with many. */
const dispatches = async (millrace: Millrace, url: string): Promise<Figure[]> => [
  await dispatchesAt(millrace, { url, concurrency: 8 }),
  await dispatchesAt(millrace, { url, concurrency: 64 }),
]

const dispatchesAt = async (
  millrace: Millrace,
  push: { readonly url: string; readonly concurrency: number },
): Promise<Figure> => {
  const rates: number[] = []
  for (let round = 0; round < 4; round++) {
    const name = `push-${push.concurrency}-${round}`
    await millrace.queues.create(name, { push, paused: true })
    const body = { order: 4711, round }
    await Promise.all(Array.from({ length: due }, () => millrace.queue(name).send(body)))
    const began = performance.now()
    await millrace.queues.update(name, { paused: false })
    while ((await millrace.queues.get(name)).messages > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    rates.push((due / (performance.now() - began)) * 1000)
    const [target] = await millrace.queues.pushTargets({ queue: name })
    if (target?.failures !== 0) throw new Error(`${target?.failures} calls failed: ${target?.lastError?.reason}`)
  }
  // The first one warms up.
  return {
    name: `dispatches to a service, ${push.concurrency} calls at once`,
    value: median(rates.slice(1)),
    unit: 'messages/s',
    wanted: 3_000,
  }
}

const perRound = 1_000
const rounds = 20

/** Whole lifecycles with each amount of history, in turns. */
const histories = async (millrace: Millrace): Promise<Figure[]> => {
  const kinds = ['none', 'end', 'steps'] as const
  const rates = new Map<string, number[]>(kinds.map((kind) => [kind, []]))
  const body = new TextEncoder().encode(bodyOf1Kb())
  for (const kind of kinds) await millrace.queues.create(`history-${kind}`, { history: kind })
  for (let turn = 0; turn < 6; turn++) {
    for (const kind of kinds) {
      const queue = millrace.queue<Uint8Array>(`history-${kind}`)
      const began = performance.now()
      for (let round = 0; round < rounds; round++) {
        await Promise.all(Array.from({ length: perRound }, () => queue.send(body)))
        const received = await Promise.all(
          Array.from({ length: perRound / 10 }, () => queue.receive({ maxMessages: 10 })),
        )
        await Promise.all(received.flat().map((message) => message.delete()))
      }
      if (turn > 0) rates.get(kind)?.push(((perRound * rounds) / (performance.now() - began)) * 1000)
    }
  }
  const [none = 0, end = 0, steps = 0] = kinds.map((kind) => median(rates.get(kind) ?? []))
  const against = { name: 'no history', value: none }
  return [
    {
      name: 'lifecycles, how each ended is remembered',
      value: end,
      unit: 'messages/s',
      against: { ...against, ratio: end / none, wanted: 0.75 },
    },
    {
      name: 'lifecycles, every step is remembered',
      value: steps,
      unit: 'messages/s',
      against: { ...against, ratio: steps / none, wanted: 0.6 },
    },
  ]
}
