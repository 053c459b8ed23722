import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMillraceError, type WorkErrorContext } from '../../src/client/index.ts'
import { inEveryForm } from './forms.ts'

/** Resolves once it has been called so often. */
const countdown = (calls: number) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    done: promise,
    hit() {
      if (--calls === 0) resolve()
    },
  }
}

inEveryForm('a loop over a queue takes message after message', async ({ millrace }) => {
  const queue = millrace.queue<number>('loop')
  await queue.sendMany(Array.from({ length: 30 }, (_, body) => ({ body })))
  const seen: number[] = []
  for await (const message of queue) {
    seen.push(message.body)
    await message.delete()
    if (seen.length === 25) break
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, at) => at),
  )
  // What was held ready has been handed back, as if it had never been received.
  const rest = await queue.receive({ maxMessages: 10 })
  assert.deepEqual(
    rest.map(({ body, receiveCount }) => [body, receiveCount]),
    [25, 26, 27, 28, 29].map((body) => [body, 1]),
  )
})

inEveryForm('a loop waits for messages, and ends with its signal', async ({ millrace }) => {
  const queue = millrace.queue<number>('loop')
  const controller = new AbortController()
  const seen: number[] = []
  const ended = (async () => {
    for await (const message of queue.messages({ signal: controller.signal })) {
      seen.push(message.body)
      await message.delete()
      if (seen.length === 3) controller.abort()
    }
  })()
  for (const body of [1, 2, 3]) await queue.send(body)
  await ended
  assert.deepEqual(seen, [1, 2, 3])
})

inEveryForm('workers handle many messages at once, and delete them', async ({ millrace }) => {
  await millrace.queues.create('work')
  const queue = millrace.queue<number>('work')
  const total = 500
  const all = countdown(total)
  const seen = new Set<number>()
  let atOnce = 0
  let most = 0
  const work = queue.work(
    async (message) => {
      most = Math.max(most, ++atOnce)
      await Promise.resolve()
      seen.add(message.body)
      atOnce--
      all.hit()
    },
    { concurrency: 8 },
  )
  await Promise.all(Array.from({ length: total }, (_, body) => queue.send(body)))
  await all.done
  await work.stop()
  await work.done
  assert.equal(seen.size, total)
  assert.ok(most > 1 && most <= 8)
  const { counts } = await queue.info()
  assert.equal(counts.ready + counts.leased, 0)
})

inEveryForm('a message whose handler throws is tried again', async ({ millrace, clock }) => {
  const queue = millrace.queue<string>('retry')
  const { promise: failed, resolve: fail } = Promise.withResolvers<WorkErrorContext<string>>()
  const { promise: handled, resolve: handle } = Promise.withResolvers<number>()
  const work = queue.work(
    (message) => {
      if (message.receiveCount === 1) throw new Error('not today')
      handle(message.receiveCount)
    },
    { retryDelayMs: 5000, onError: (_error, context) => fail(context) },
  )
  const { id } = await queue.send('a')
  const context = await failed
  assert.equal(context.during, 'handle')
  assert.equal(context.message?.id, id)
  for (let message = await queue.get(id); message?.state !== 'delayed'; ) message = await queue.get(id)
  assert.equal((await queue.get(id))?.reason, 'not today')
  clock.advance(5000)
  assert.equal(await handled, 2)
  await work.stop()
  assert.equal((await millrace.status(id))?.ended?.outcome, 'deleted')
})

inEveryForm('a handler, or onError, may settle its message itself', async ({ millrace }) => {
  await millrace.queues.create('kept', { keepFinished: 'message' })
  const queue = millrace.queue<string>('kept')
  const both = countdown(2)
  const work = queue.work(
    async (message) => {
      both.hit()
      if (message.body === 'throws') throw new Error('bad')
      await message.finish('filtered')
    },
    { onError: (_error, { message }) => message?.finish('errored') },
  )
  await Promise.all([queue.send('returns'), queue.send('throws')])
  await both.done
  await work.stop()
  const { messages } = await queue.browse({ states: ['finished'] })
  assert.deepEqual(
    messages.map(({ body, type }) => [body, type]),
    [
      ['returns', 'F'],
      ['throws', 'E'],
    ],
  )
})

inEveryForm('stopping waits for handlers, and hands back the others', async ({ millrace }) => {
  const queue = millrace.queue<number>('stop')
  await queue.sendMany(Array.from({ length: 10 }, (_, body) => ({ body })))
  const began = countdown(2)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const work = queue.work(
    async () => {
      began.hit()
      await gate
    },
    { concurrency: 2, prefetch: 6 },
  )
  await began.done
  const stopped = work.stop()
  open()
  await stopped
  const rest = await queue.receive({ maxMessages: 10 })
  assert.deepEqual(
    rest.map(({ body, receiveCount }) => [body, receiveCount]),
    [2, 3, 4, 5, 6, 7, 8, 9].map((body) => [body, 1]),
  )
})

inEveryForm('a handler that does not end in time is aborted, and its message handed back', async ({ millrace }) => {
  const queue = millrace.queue<number>('abort')
  await queue.send(1)
  const { promise: began, resolve: begin } = Promise.withResolvers<void>()
  let reason: unknown
  const work = queue.work(async (message) => {
    begin()
    await once(message.signal, 'abort')
    reason = message.signal.reason
  })
  await began
  await work.stop({ graceMs: 0 })
  assert.ok(isMillraceError(reason, 'Closed'))
  const [message] = await queue.receive()
  assert.equal(message?.receiveCount, 1)
})

inEveryForm('closing stops all work, and sends what waits to be sent', async ({ millrace }) => {
  const queue = millrace.queue<number>('close')
  await millrace.queues.create('close')
  const work = queue.work(() => {})
  const loop = (async () => {
    for await (const message of millrace.queue('other')) await message.delete()
  })()
  const waiting = queue.receive({ waitMs: 60_000 })
  await millrace.queues.create('patient', { receiveWaitMs: 60_000 })
  const patient = millrace.queue<number>('patient')
  const alone = Promise.all([patient.receive(), patient.pop()])
  const sends = Promise.all([queue.send(1), queue.send(2)])
  await millrace.close()
  await Promise.all([work.done, loop, sends])
  assert.ok((await waiting).length <= 2)
  assert.deepEqual(await alone, [[], []])
  await assert.rejects(queue.send(3), (error) => isMillraceError(error, 'Closed'))
  await assert.rejects(millrace.queue('another').send(3), (error) => isMillraceError(error, 'Closed'))
  await assert.rejects(queue.receive(), (error) => isMillraceError(error, 'Closed'))
  await assert.rejects(queue.pop(), (error) => isMillraceError(error, 'Closed'))
  assert.throws(
    () => queue.work(() => {}),
    (error) => isMillraceError(error, 'Closed'),
  )
  await assert.rejects(queue.messages().next(), (error) => isMillraceError(error, 'Closed'))
})

inEveryForm('many receivers wait together, and are served in turn', async ({ millrace }) => {
  const queue = millrace.queue<number>('turn')
  const waiting = Array.from({ length: 5 }, () => queue.receive({ maxMessages: 2, waitMs: 30_000 }))
  await queue.sendMany(Array.from({ length: 6 }, (_, body) => ({ body })))
  assert.deepEqual(
    (await Promise.all(waiting.slice(0, 3))).map((messages) => messages.map(({ body }) => body)),
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  )
  await queue.send(6)
  assert.equal((await waiting[3])?.[0]?.body, 6)
  await queue.send(7)
  assert.equal((await waiting[4])?.[0]?.body, 7)
})

inEveryForm('a receive that is aborted takes nothing', async ({ millrace }) => {
  const queue = millrace.queue<number>('gone')
  const controller = new AbortController()
  const waiting = queue.receive({ waitMs: 30_000, signal: controller.signal })
  const refused = assert.rejects(waiting, (error) => isMillraceError(error, 'Aborted'))
  setImmediate(() => controller.abort())
  await refused
  await queue.send(1)
  // Its server may learn a little later that it has gone, and takes back what it gave it.
  assert.equal((await queue.receive({ waitMs: 10_000 }))[0]?.receiveCount, 1)
  await assert.rejects(queue.send(2, { signal: AbortSignal.abort() }), (error) => isMillraceError(error, 'Aborted'))
})

inEveryForm('a receive that makes no sense is refused', async ({ millrace }) => {
  const queue = millrace.queue('nonsense')
  for (const options of [
    { maxMessages: 0 },
    { maxMessages: 1001 },
    { maxMessages: 1.5 },
    { waitMs: -1 },
    { waitMs: Number.NaN },
  ]) {
    await assert.rejects(queue.receive(options), (error) => isMillraceError(error, 'ArgumentInvalid'))
  }
})
