/** An engine to try the rules of core on: it stands still until a test turns its clock. Not published. */

import type { EngineOptions } from '../core/engine.ts'
import { createEngine } from '../core/engine.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { Refusal, RefusalCode } from '../core/errors.ts'
import { isRefusal } from '../core/errors.ts'
import type { NewMessage } from '../core/message.ts'
import type { Counts, QueueSettingsPatch } from '../core/queue.ts'
import type { Receive, ReceivedMessage, SettleAction, SettleEntry } from '../core/requests.ts'
import type { Store } from '../core/store.ts'
import { checkConsistency } from './check-consistency.ts'
import type { FakeClock } from './fake-clock.ts'
import { fakeClock } from './fake-clock.ts'
import { memoryStore } from './memory-store.ts'
import { seededRandom } from './seeded-random.ts'

export type TestEngineOptions = Partial<Omit<EngineOptions, 'turn'>> & { readonly clock?: FakeClock }

/** What most requests of a test say over and over. */
export const account = 'a'
export const at = (queue: string) => ({ account, queue })

/** A message whose body is this text. */
export const text = (body: string, more: Omit<NewMessage, 'body'> = {}): NewMessage => ({
  body: new TextEncoder().encode(body),
  ...more,
})

export const bodyOf = ({ message }: { message: { body: Uint8Array } }): string => new TextDecoder().decode(message.body)

export const bodies = (messages: readonly { message: { body: Uint8Array } }[]): string[] => messages.map(bodyOf)

export interface TestEngine {
  readonly engine: QueueEngine
  readonly clock: FakeClock
  readonly store: Store
  /** Until nothing goes on any more. */
  idle(): Promise<void>
  /** Turns the clock, stopping wherever something falls due, as time does. */
  advance(ms: number): Promise<void>
  /** Turns the clock in one go, as for a machine that slept. Quick over days. */
  jump(ms: number): Promise<void>
  create(queue: string, settings?: QueueSettingsPatch): Promise<void>
  /** Sends texts or messages in one request and gives their ids. */
  send(queue: string, ...messages: readonly (string | NewMessage)[]): Promise<string[]>
  /** Receives up to ten without waiting. */
  receive(queue: string, more?: Partial<Receive>): Promise<readonly ReceivedMessage[]>
  /** Settles one message; throws what it was refused with. */
  settle(message: ReceivedMessage, action: SettleAction, handles?: 'leased' | 'latest' | 'any'): Promise<Settlement>
  /** How many deliveries are in each state, without those that are 0; of the queue, or of one of its groups. */
  counts(queue: string, group?: string): Promise<Partial<Counts>>
  /** Whether it is still going on when everything else is over. */
  isWaiting(promise: Promise<unknown>): Promise<boolean>
  /** At the end of a test: stops the engine, and sees whether all that it keeps up to date agrees with a look at everything. */
  [Symbol.asyncDispose](): Promise<void>
}

interface Settlement {
  readonly id: string
  readonly type: string | null
  readonly reprocessCount: number
  readonly visibleAt: number | null
  readonly changed: boolean
}

export const testEngine = (options: TestEngineOptions = {}): TestEngine => {
  const { clock = fakeClock(), store = memoryStore(), random = seededRandom(1), ...more } = options
  let turns = 0
  const engine = createEngine({
    ...more,
    store,
    clock,
    random,
    turn(run) {
      turns++
      setImmediate(() => {
        turns--
        run()
      })
    },
  })

  const idle = async () => {
    for (let quiet = 0; quiet < 2; quiet = turns === 0 ? quiet + 1 : 0) await nextTurn()
  }

  return {
    engine,
    clock,
    store,
    idle,
    async advance(ms) {
      const end = clock.now() + ms
      await idle()
      for (let next = clock.nextCallAt(); next !== undefined && next <= end; next = clock.nextCallAt()) {
        clock.advanceTo(next)
        await idle()
      }
      clock.advanceTo(end)
      await idle()
    },
    async jump(ms) {
      clock.advance(ms)
      await idle()
    },
    async create(queue, settings = {}) {
      await engine.createQueue({ ...at(queue), settings, ifExists: 'refuse' })
    },
    async send(queue, ...messages) {
      const sent = await engine.send({
        ...at(queue),
        messages: messages.map((message) => (typeof message === 'string' ? text(message) : message)),
      })
      return sent.map(({ id }) => id)
    },
    receive: (queue, more) => engine.receive({ ...at(queue), maxMessages: 10, waitMs: 0, ...more }),
    async settle({ queue, receiptHandle }, action, handles) {
      const [result] = await engine.settle({
        ...at(queue),
        entries: [{ receiptHandle: receiptHandle ?? '', action }],
        ...(handles ? { handles } : {}),
      })
      if (!result) throw new Error('no result for the entry')
      if (!result.ok) throw result.refusal
      return result.value
    },
    async counts(queue, group) {
      const view = await engine.getQueue(at(queue))
      const counts = group === undefined ? view.counts : view.groups.find(({ name }) => name === group)?.counts
      return Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => count !== 0))
    },
    async isWaiting(promise) {
      let over = false
      const end = () => {
        over = true
      }
      promise.then(end, end)
      await idle()
      return !over
    },
    async [Symbol.asyncDispose]() {
      await idle()
      await engine.stop()
      await checkConsistency(store)
    },
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export const deleteEntries = (messages: readonly ReceivedMessage[]): SettleEntry[] =>
  messages.map(({ receiptHandle }) => ({ receiptHandle: receiptHandle ?? '', action: { do: 'delete' } }))

/** For `assert.rejects` and `assert.throws`: a refusal with this code, and perhaps this data. */
export const refusal =
  <Code extends RefusalCode>(code: Code, data?: Partial<Refusal<Code>['data']>) =>
  (error: unknown): boolean => {
    if (!isRefusal(error, code)) throw error
    for (const [name, value] of Object.entries(data ?? {})) {
      const actual = (error.data as Record<string, unknown>)[name]
      if (actual !== value) throw new Error(`${name} of the refusal is ${String(actual)}, not ${String(value)}`)
    }
    return true
  }
