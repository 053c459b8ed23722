import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBackend, fakeRuntime, received, settle } from '../../../test/client/fakes.ts'
import type { ReceivedRecord, ReceiveRequest, SettleRequest } from '../backend.ts'
import { isMillraceError, MillraceError } from '../error.ts'
import { defaultLimits, MillraceHandle } from '../millrace.ts'

interface Asked extends ReceiveRequest {
  answerRecords(records: readonly ReceivedRecord[]): void
  answer(...bodies: unknown[]): void
  fail(error: unknown): void
}

/** A client whose receives wait for the test to answer them, and whose settlements are noted. */
const setUp = () => {
  const runtime = fakeRuntime()
  const polls: Asked[] = []
  const settled: string[] = []
  const delays: unknown[] = []
  const refusals = new Map<string, MillraceError>()
  const backend = fakeBackend({
    receive: (request) =>
      new Promise<readonly ReceivedRecord[]>((resolve, reject) => {
        const answer = (...bodies: unknown[]) => resolve(bodies.map((body) => received(body)))
        polls.push({ ...request, answer, answerRecords: resolve, fail: reject })
        request.signal?.addEventListener('abort', () => reject(new MillraceError('Aborted', 'aborted')))
      }),
    settle: async ({ entries }: SettleRequest) =>
      entries.map(({ receiptHandle, action }) => {
        const what = `${action.do} ${receiptHandle.slice('handle-'.length)}`
        settled.push(what)
        if ('delayMs' in action) delays.push(action.delayMs)
        const error = refusals.get(what)
        if (error) return { ok: false, error }
        return { ok: true, value: { id: '', type: null, reprocessCount: 0, visibleAt: null, changed: true } }
      }),
    close: async () => {},
  })
  const millrace = new MillraceHandle({ backend, limits: defaultLimits, runtime })
  return { clock: runtime.clock, polls, settled, delays, refusals, queue: millrace.queue<number, number>('q') }
}

/** Handlers that wait until the test lets them go. */
const gates = () => {
  const open = new Map<number, (error?: unknown) => void>()
  const handler = ({ body }: { body: number }) =>
    new Promise<void>((resolve, reject) => open.set(body, (error) => (error === undefined ? resolve() : reject(error))))
  return { open, handler }
}

test('one poll at a time asks for as many as may be held', async () => {
  const { queue, polls, settled, clock } = setUp()
  const { open, handler } = gates()
  const work = queue.work(handler, { concurrency: 2, prefetch: 4, visibilityTimeoutMs: 60_000 })
  await settle()
  assert.equal(polls.length, 1)
  assert.deepEqual([polls[0]?.maxMessages, polls[0]?.visibilityTimeoutMs], [6, 60_000])
  polls[0]?.answer(1, 2, 3)
  await settle()
  // Two are in work and one is held ready, less than half of what may be.
  assert.deepEqual([...open.keys()], [1, 2])
  assert.equal(polls[1]?.maxMessages, 3)
  polls[1]?.answer(4, 5)
  await settle()
  assert.equal(polls.length, 2)
  open.get(1)?.()
  await settle()
  assert.deepEqual(settled, ['delete 1'])
  assert.deepEqual([...open.keys()], [1, 2, 3])
  assert.equal(polls[2]?.maxMessages, 2)
  for (const finish of open.values()) finish()
  await settle()
  for (const finish of open.values()) finish()
  await settle()
  await work.stop()
  assert.deepEqual(settled, ['delete 1', 'delete 2', 'delete 3', 'delete 4', 'delete 5'])
  assert.equal(clock.nextCallAt(), undefined)
})

test('while receiving fails it is tried again, after longer and longer pauses', async () => {
  const { queue, polls, clock } = setUp()
  const errors: [string, unknown][] = []
  const work = queue.work(() => {}, {
    onError: (error, { during, message }) => errors.push([during, message ?? error]),
  })
  await settle()
  for (const pause of [200, 400, 800]) {
    polls.at(-1)?.fail(new MillraceError('Network', 'gone'))
    await settle()
    const before = polls.length
    clock.advance(pause - 1)
    await settle()
    assert.equal(polls.length, before)
    clock.advance(1)
    await settle()
    assert.equal(polls.length, before + 1)
  }
  assert.equal(errors.length, 3)
  assert.equal(errors[0]?.[0], 'receive')
  clock.advance(20_000)
  polls.at(-1)?.answer()
  await settle()
  polls.at(-1)?.fail(new MillraceError('Network', 'gone'))
  await settle()
  clock.advance(200)
  await settle()
  assert.equal(polls.length, 6)
  await work.stop()
  await work.done
})

test('a server that answers nothing at once is not asked again at once', async () => {
  const { queue, polls, clock } = setUp()
  const work = queue.work(() => {})
  await settle()
  for (const pause of [200, 400]) {
    polls.at(-1)?.answer()
    await settle()
    const before = polls.length
    clock.advance(pause - 1)
    await settle()
    assert.equal(polls.length, before)
    clock.advance(1)
    await settle()
    assert.equal(polls.length, before + 1)
  }
  await work.stop()
})

test('when receiving is refused for good the work ends, and says why', async () => {
  const { queue, polls, settled } = setUp()
  const { open, handler } = gates()
  const work = queue.work(handler, { onError: () => {}, prefetch: 3 })
  await settle()
  polls[0]?.answer(1, 2)
  await settle()
  polls[1]?.fail(new MillraceError('Forbidden', 'no'))
  const failed = assert.rejects(work.done, (error) => isMillraceError(error, 'Forbidden'))
  await settle()
  // What it has is brought to an end first.
  open.get(1)?.()
  await failed
  assert.deepEqual(settled, ['delete 1', 'release 2'])
  await work.stop()
})

test('a loop that cannot receive any more throws', async () => {
  const { queue, polls } = setUp()
  const loop = (async () => {
    for await (const message of queue) await message.delete()
  })()
  await settle()
  polls[0]?.fail(new MillraceError('GroupNotFound', 'no'))
  await assert.rejects(loop, (error) => isMillraceError(error, 'GroupNotFound'))
})

test('a lost lease aborts its handler, and is not settled', async () => {
  const { queue, polls, settled, clock, refusals } = setUp()
  refusals.set('extend 1', new MillraceError('LeaseLost', 'somebody else has it'))
  const during: string[] = []
  let reason: unknown
  const work = queue.work(
    (message) =>
      new Promise<void>((_, reject) => {
        message.signal.addEventListener('abort', () => {
          reason = message.signal.reason
          reject(reason)
        })
      }),
    { visibilityTimeoutMs: 8000, onError: (_error, context) => during.push(context.during) },
  )
  await settle()
  polls[0]?.answer(1)
  await settle()
  for (let second = 0; second < 4; second++) {
    clock.advance(1000)
    await settle()
  }
  assert.ok(isMillraceError(reason, 'LeaseLost'))
  assert.deepEqual(during, ['renew'])
  assert.deepEqual(settled, ['extend 1'])
  await work.stop()
})

test('messages held ready are renewed too, and dropped when they are lost', async () => {
  const { queue, polls, settled, clock, refusals } = setUp()
  refusals.set('extend 2', new MillraceError('LeaseLost', 'somebody else has it'))
  const { open, handler } = gates()
  const work = queue.work(handler, { prefetch: 2, visibilityTimeoutMs: 8000, onError: () => {} })
  await settle()
  polls[0]?.answer(1, 2, 3)
  await settle()
  for (let second = 0; second < 4; second++) {
    clock.advance(1000)
    await settle()
  }
  assert.deepEqual(settled, ['extend 1', 'extend 2', 'extend 3'])
  open.get(1)?.()
  await settle()
  assert.deepEqual([...open.keys()], [1, 3])
  open.get(3)?.()
  await settle()
  await work.stop()
})

test('a settlement that fails is reported, and holds up nothing', async () => {
  const { queue, polls, refusals } = setUp()
  refusals.set('delete 1', new MillraceError('LeaseLost', 'too late'))
  const reported: unknown[] = []
  const work = queue.work(() => {}, {
    onError: (error, { during }) => reported.push([during, (error as Error).message]),
  })
  await settle()
  polls[0]?.answer(1)
  await settle()
  assert.deepEqual(reported, [['settle', 'too late']])
  polls[1]?.answer(2)
  await settle()
  assert.equal(polls[2]?.maxMessages, 1)
  await work.stop()
})

test('failed messages wait longer with every receive', async () => {
  const { queue, polls, delays } = setUp()
  const work = queue.work(
    () => {
      throw new Error('no')
    },
    { concurrency: 5, onError: () => {} },
  )
  await settle()
  const counts = [1, 2, 3, 7, 100]
  polls[0]?.answerRecords(counts.map((receiveCount) => received(receiveCount, { receiveCount })))
  await settle()
  await work.stop()
  assert.deepEqual(delays, [1000, 2000, 4000, 60_000, 60_000])
})

test('a retryDelayMs that throws is reported, and the work goes on', async () => {
  const { queue, polls, settled } = setUp()
  const reported: unknown[] = []
  const work = queue.work(
    ({ body }) => {
      if (body === 1) throw new Error('handler')
    },
    {
      retryDelayMs: () => {
        throw new Error('no delay')
      },
      onError: (error, { during }) => reported.push([during, (error as Error).message]),
    },
  )
  await settle()
  polls[0]?.answer(1, 2)
  await settle()
  await work.stop()
  assert.deepEqual(reported, [
    ['handle', 'handler'],
    ['settle', 'no delay'],
  ])
  assert.deepEqual(settled, ['delete 2'])
})

test('an onError that throws ends the work', async () => {
  const { queue, polls } = setUp()
  const work = queue.work(
    () => {
      throw new Error('handler')
    },
    {
      onError: () => {
        throw new Error('reporter')
      },
    },
  )
  const failed = assert.rejects(work.done, /reporter/)
  await settle()
  polls[0]?.answer(1)
  await failed
})

test('numbers that make no sense are refused at once', () => {
  const { queue } = setUp()
  for (const options of [{ concurrency: 0 }, { concurrency: 1.5 }, { prefetch: -1 }, { visibilityTimeoutMs: 0 }]) {
    assert.throws(
      () => queue.work(() => {}, options),
      (error) => isMillraceError(error, 'ArgumentInvalid'),
    )
  }
})

test('what cannot be handed back is reported, and comes again by itself', async () => {
  const { queue, polls, refusals } = setUp()
  refusals.set('release 2', new MillraceError('Network', 'gone'))
  const reported: string[] = []
  const { open, handler } = gates()
  const work = queue.work(handler, { prefetch: 1, onError: (_error, { during }) => reported.push(during) })
  await settle()
  polls[0]?.answer(1, 2)
  await settle()
  const stopped = work.stop()
  open.get(1)?.()
  await stopped
  assert.deepEqual(reported, ['settle'])
})
