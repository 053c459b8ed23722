import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { isMillraceError, type Queue } from '../../client/index.ts'

export interface BenchPlan {
  readonly senders: number
  readonly receivers: number
  readonly bodyBytes: number
  readonly maxMessages: number
  readonly durationMs: number
  /** Messages that a receive asks for. */
  readonly perReceive: number
}

export interface BenchResult {
  readonly sent: number
  readonly received: number
  readonly deleted: number
  /** From the first send to the last one, and to the last delete. */
  readonly sendingMs: number
  readonly totalMs: number
  /** In microseconds. */
  readonly latencies: Readonly<Record<Step, RecordableHistogram>>
}

/** `delivery`: from the call of send until the message is in a receiver's hands. */
export const steps = ['send', 'delivery', 'delete'] as const
export type Step = (typeof steps)[number]

const drainMs = 30_000
const waitMs = 1000

/** Sends, receives and deletes all at once, through one client, until the time or the messages are used up. */
export const runLoad = async (
  queue: Queue<string>,
  plan: BenchPlan,
  interrupted: AbortSignal,
  onProgress: (deleted: number) => void,
): Promise<BenchResult> => {
  const latencies = { send: createHistogram(), delivery: createHistogram(), delete: createHistogram() }
  const record = (step: Step, since: number) =>
    latencies[step].record(Math.max(1, Math.round((performance.now() - since) * 1000)))
  const started = performance.now()
  const underWay = new Map<string, number>()
  const allDeleted = new AbortController()
  const filler = 'x'.repeat(plan.bodyBytes)
  const tally = { begun: 0, sent: 0, received: 0, deleted: 0 }
  let sendingMs = 0

  const send = async () => {
    while (!interrupted.aborted && tally.begun < plan.maxMessages && performance.now() - started < plan.durationMs) {
      const number = String(tally.begun++)
      const begun = performance.now()
      underWay.set(number, begun)
      await queue.send(`${number} ${filler}`.slice(0, Math.max(plan.bodyBytes, number.length + 1)))
      record('send', begun)
      tally.sent += 1
    }
  }

  const receive = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      const messages = await queue.receive({ maxMessages: plan.perReceive, waitMs, signal }).catch((error: unknown) => {
        if (isMillraceError(error, 'Aborted')) return []
        throw error
      })
      await Promise.all(
        messages.map(async (message) => {
          const [number = ''] = message.body.split(' ', 1)
          const begun = underWay.get(number)
          underWay.delete(number)
          tally.received += 1
          if (begun !== undefined) record('delivery', begun)
          const deleting = performance.now()
          await message.delete()
          record('delete', deleting)
          tally.deleted += 1
          onProgress(tally.deleted)
        }),
      )
      if (sendingMs > 0 && tally.deleted >= tally.sent) allDeleted.abort()
    }
  }

  const sending = Promise.all(Array.from({ length: plan.senders }, send)).finally(() => {
    sendingMs = performance.now() - started
    if (tally.deleted >= tally.sent) allDeleted.abort()
  })
  const stop = AbortSignal.any([interrupted, allDeleted.signal, AbortSignal.timeout(plan.durationMs + drainMs)])
  try {
    await Promise.all([sending, ...Array.from({ length: plan.receivers }, () => receive(stop))])
  } finally {
    allDeleted.abort()
  }
  const { sent, received, deleted } = tally
  return { sent, received, deleted, sendingMs, totalMs: performance.now() - started, latencies }
}
