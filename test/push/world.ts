import type { PushTargetInput } from '../../src/core/push-target.ts'
import { secretBox } from '../../src/core/secrets.ts'
import type { Dispatcher, DispatcherOptions } from '../../src/push/dispatcher.ts'
import { startDispatcher } from '../../src/push/dispatcher.ts'
import { FakeService, status } from '../../src/push/fake-service.ts'
import type { TestEngine, TestEngineOptions } from '../../src/testing/test-engine.ts'
import { testEngine } from '../../src/testing/test-engine.ts'

export const second = 1000
export const minute = 60 * second
/** Seals, and opens, as a server with a key of its own does. */
export const secrets = secretBox(
  () => new Uint8Array(32).fill(7),
  (count) => Buffer.alloc(count, 3),
)
export const url = 'https://service.example/hook'

/** An engine, a service that the test answers for, and a dispatcher between them; time stands still until the test turns it. */
export interface World extends AsyncDisposable {
  readonly t: TestEngine
  readonly service: FakeService
  readonly dispatcher: Dispatcher
  /** Until nothing goes on any more. */
  idle(): Promise<void>
  advance(ms: number): Promise<void>
  create(queue: string, push?: Partial<PushTargetInput>, more?: object): Promise<void>
}

export const world = (options: TestEngineOptions = {}, more: Partial<DispatcherOptions> = {}): World => {
  const t = testEngine(options)
  const service = new FakeService()
  const dispatcher = startDispatcher({
    engine: t.engine,
    clock: t.clock,
    random: () => 0.5,
    caller: async () => service,
    secrets: options.secrets,
    ...more,
  })
  const idle = async () => {
    for (let i = 0; i < 8; i++) await t.idle()
  }
  return {
    t,
    service,
    dispatcher,
    idle,
    async advance(ms) {
      const end = t.clock.now() + ms
      await idle()
      for (let next = t.clock.nextCallAt(); next !== undefined && next <= end; next = t.clock.nextCallAt()) {
        t.clock.advanceTo(next)
        await idle()
      }
      t.clock.advanceTo(end)
      await idle()
    },
    async create(queue, push = {}, settings = {}) {
      await t.create(queue, { push: { url, ...push }, ...settings })
    },
    async [Symbol.asyncDispose]() {
      for (const { answer } of service.open) answer(status(200))
      await dispatcher.stop(0)
      await t[Symbol.asyncDispose]()
    },
  }
}
