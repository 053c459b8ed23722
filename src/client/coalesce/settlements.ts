import type { SettleAction } from '../../protocols/native/schemas/settle.ts'
import type { SettleResult } from '../backend.ts'
import { MillraceError } from '../error.ts'
import type { SettleCall, Settling } from '../leased-message.ts'
import type { Settled, StepEvent } from '../types/message.ts'
import { Batcher, type Entry, settledBy } from './batcher.ts'
import type { LaneTools } from './lanes.ts'

interface Settlement extends Entry {
  readonly receiptHandle: string
  readonly action: SettleAction
  readonly events?: readonly StepEvent[]
  resolve(settled: Settled): void
}

/** Deletes, extensions and the like in one queue: those of one moment travel together, and each is answered for itself. */
export class Settlements {
  readonly #batcher: Batcher<Settlement>

  constructor({ backend, limits, runtime }: LaneTools, queue: string) {
    // A message is its holder's until somebody else has it, also when the holder is a little late.
    const handles = 'latest'
    this.#batcher = new Batcher(
      async (entries) => deal(entries, await backend.settle({ queue, handles, entries })),
      limits,
      runtime,
    )
  }

  get idle(): boolean {
    return this.#batcher.idle
  }

  close(): Promise<void> {
    return this.#batcher.close()
  }

  settle(message: Settling, action: SettleAction, { events, signal }: SettleCall): Promise<Settled> {
    return settledBy(signal, (resolve, fail) => {
      const reject = (error: unknown) => {
        message.settleFailed?.()
        fail(error)
      }
      const { receiptHandle } = message
      const weight = 200 + weightOfWords(action, events)
      const said = events && events.length > 0 ? { events } : {}
      const entry = {
        receiptHandle,
        action,
        ...said,
        count: 1,
        weight,
        alone: false,
        resolve,
        reject,
        cancelled: false,
      }
      this.#batcher.add(entry)
      return entry
    })
  }
}

interface Deletion extends Entry {
  readonly id: string
  resolve(settled: Settled): void
}

/** What deletes by id have in common that can travel together. */
export interface DeletionRule {
  readonly queue: string
  readonly group: string | undefined
  readonly claim: string | undefined
  readonly leased: 'anyway' | 'refuse'
}

/** Deletes by id, of any state. */
export class Deletions {
  readonly #batcher: Batcher<Deletion>

  constructor({ backend, limits, runtime }: LaneTools, rule: DeletionRule) {
    this.#batcher = new Batcher(
      async (entries) => deal(entries, await backend.deleteMessages({ ...rule, ids: entries.map(({ id }) => id) })),
      limits,
      runtime,
    )
  }

  get idle(): boolean {
    return this.#batcher.idle
  }

  close(): Promise<void> {
    return this.#batcher.close()
  }

  delete(id: string, signal: AbortSignal | undefined): Promise<Settled> {
    return settledBy(signal, (resolve, reject) => {
      const entry = { id, count: 1, weight: 6 * id.length + 3, alone: false, resolve, reject, cancelled: false }
      this.#batcher.add(entry)
      return entry
    })
  }
}

const deal = (
  entries: readonly (Entry & { resolve(settled: Settled): void })[],
  results: readonly SettleResult[],
): void => {
  if (results.length !== entries.length) {
    throw new MillraceError('InvalidAnswer', `${entries.length} entries were sent, but ${results.length} answered.`)
  }
  for (const [at, result] of results.entries()) {
    const entry = entries[at]
    if (result.ok) entry?.resolve(result.value)
    else entry?.reject(result.error)
  }
}

/** A character is at most six bytes of JSON. */
const weightOfWords = (action: SettleAction, events: readonly StepEvent[] = []): number => {
  const reason = 'reason' in action ? (action.reason?.length ?? 0) : 0
  const outbound = 'outbound' in action ? (action.outbound?.length ?? 0) : 0
  const said = events.reduce((sum, { text }) => sum + text.length + 10, 0)
  return 6 * (reason + outbound + said)
}
