import type { Backend, OutgoingRecord, ReceivedRecord, SendRequest } from '../../src/client/backend.ts'
import type { SentMessage } from '../../src/client/index.ts'
import type { Runtime } from '../../src/client/runtime.ts'
import { type FakeClock, fakeClock } from '../../src/testing/index.ts'

export interface FakeRuntime extends Runtime {
  readonly clock: FakeClock
}

/** Time stands still; pauses are as long as they can be. */
export const fakeRuntime = (): FakeRuntime => {
  const clock = fakeClock()
  return {
    clock,
    now: () => clock.now(),
    random: () => 1,
    soon: (run) => void setImmediate(run),
    after: (ms, run) => clock.callAt(clock.now() + ms, run),
  }
}

/** Lets everything happen that needs no time. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A backend that can do what a test says, and fails a test that asks for more. */
export const fakeBackend = (methods: Partial<Backend>): Backend =>
  new Proxy(methods as Backend, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (method === undefined) throw new Error(`the test does not expect ${String(name)}`)
      return method
    },
  })

/** What a send of these messages is answered. */
export const sentAnswer = ({ messages }: Pick<SendRequest, 'messages'>, first = 0): SentMessage[] =>
  messages.map((_, at) => ({ id: `id-${first + at}`, position: first + at, sentAt: 0, duplicate: false }))

export const textsOf = (messages: readonly OutgoingRecord[]): string[] => messages.map(({ body }) => String(body))

/** A message that was received, whose body is this value. */
export const received = (body: unknown, members: Partial<ReceivedRecord> = {}): ReceivedRecord => ({
  id: `id-${JSON.stringify(body)}`,
  position: 1,
  type: 'Q',
  form: 'json',
  json: () => body,
  text: () => JSON.stringify(body),
  bytes: () => new TextEncoder().encode(JSON.stringify(body)),
  contentType: 'application/json',
  attributes: () => ({}),
  attributesText: () => null,
  priority: 0,
  messageGroup: null,
  deduplicationId: null,
  tags: [],
  clientId: null,
  sentAt: 0,
  expiresAt: null,
  receiveCount: 1,
  firstReceivedAt: 0,
  reprocessCount: 0,
  deadLetterSource: null,
  traceparent: null,
  failures: 0,
  receiptHandle: `handle-${JSON.stringify(body)}`,
  leasedUntil: 0,
  ...members,
})
