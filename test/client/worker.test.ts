import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMillraceError, type Millrace } from '../../src/client/index.ts'
import { createWorker, minutes, ReprocessNotAllowedError, retryPolicy, seconds } from '../../src/worker/index.ts'
import { inEveryForm } from './forms.ts'

/** The message once it is of that type. */
const becomes = async (millrace: Millrace, queue: string, id: string, type: string) => {
  for (;;) {
    const message = await millrace.queue(queue).get(id)
    if (message?.type === type && message.state !== 'leased') return message
  }
}

inEveryForm('outcomes that a handler marks are recorded', async ({ millrace, clock }) => {
  await millrace.queues.create('results', { keepFinished: 'message' })
  const queue = millrace.queue<string>('results')
  const worker = createWorker<string>({
    client: millrace,
    queue: 'results',
    concurrency: 4,
    name: 'tester',
    processMessage(context) {
      switch (context.message) {
        case 'later':
          if (context.reprocessCount > 0) return
          context.reprocess(minutes(1))
          context.reprocess({ minutes: 2, seconds: 1 })
          return
        case 'unwanted':
          context.filter('spam')
          context.reprocess(5)
          return
        case 'wrong':
          return context.filter('odd', { as: 'error' })
        case 'throws':
          context.reprocess(5)
          throw new Error('broken')
        default:
          context.setOutbound(`did ${context.message}`)
      }
    },
  })
  await worker.start()
  const send = async (body: string) => (await queue.send(body)).id
  const [fine, later, unwanted, wrong, throws] = await Promise.all(
    ['fine', 'later', 'unwanted', 'wrong', 'throws'].map(send),
  )
  assert.equal((await becomes(millrace, 'results', fine ?? '', 'P')).outbound, 'did fine')
  assert.equal((await becomes(millrace, 'results', unwanted ?? '', 'F')).reason, 'spam')
  assert.equal((await becomes(millrace, 'results', wrong ?? '', 'E')).reason, 'odd')
  const errored = await becomes(millrace, 'results', throws ?? '', 'E')
  assert.equal(errored.reason, 'broken')
  assert.equal(errored.reprocessCount, 0)

  const delayed = await becomes(millrace, 'results', later ?? '', 'D')
  assert.equal(delayed.visibleAt, clock.now() + 121_000)
  assert.equal(delayed.reprocessCount, 1)
  clock.advance(121_000)
  assert.equal((await becomes(millrace, 'results', later ?? '', 'P')).reprocessCount, 1)
  await worker.stop()
  await worker.done
})

inEveryForm('a cancelled message is tried again, behind the ones that wait', async ({ millrace }) => {
  const queue = millrace.queue<string>('cancel')
  await queue.sendMany([{ body: 'first' }, { body: 'second' }])
  const seen: string[] = []
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const worker = createWorker<string>({
    queue,
    processMessage(context) {
      seen.push(`${context.message} ${context.attempts}`)
      if (seen.length === 1) context.cancel()
      if (seen.length === 3) resolve()
    },
  })
  await worker.start()
  await done
  await worker.stop()
  assert.deepEqual(seen, ['first 1', 'second 1', 'first 1'])
})

inEveryForm('onError asks for retries', async ({ millrace, clock }) => {
  await millrace.queues.create('retries', { keepFinished: 'message' })
  const retries: number[] = []
  const policy = retryPolicy({ max: 2, sleep: (made) => seconds(made + 1) })
  const worker = createWorker({
    client: millrace,
    queue: 'retries',
    processMessage() {
      throw new Error('no')
    },
    onError(context, args) {
      retries.push(args.totalRetries)
      policy(context, args)
    },
  })
  await worker.start()
  const { id } = await millrace.queue('retries').send('a')
  for (const sleep of [1000, 2000]) {
    let message = await millrace.queue('retries').get(id)
    while (message?.state !== 'delayed') message = await millrace.queue('retries').get(id)
    assert.equal(message.type, 'Q')
    assert.equal(message.visibleAt, clock.now() + sleep)
    clock.advance(sleep)
  }
  assert.equal((await becomes(millrace, 'retries', id, 'E')).reason, 'no')
  assert.deepEqual(retries, [0, 1, 2])
  await worker.stop()
})

inEveryForm('in an ordered queue nothing is put aside', async ({ millrace }) => {
  await millrace.queues.create('ordered', { ordering: 'ordered', keepFinished: 'message' })
  await assert.rejects(
    createWorker({ client: millrace, queue: 'ordered', concurrency: 2, processMessage: () => {} }).start(),
    (error) => isMillraceError(error, 'ArgumentInvalid'),
  )
  let thrown: unknown
  const worker = createWorker({
    client: millrace,
    queue: 'ordered',
    processMessage(context) {
      try {
        context.reprocess(5)
      } catch (error) {
        thrown = error
        throw error
      }
    },
  })
  await worker.start()
  const { id } = await millrace.queue('ordered').send('a')
  assert.match((await becomes(millrace, 'ordered', id, 'E')).reason ?? '', /in order/)
  assert.ok(thrown instanceof ReprocessNotAllowedError)
  await worker.stop()
})

inEveryForm('a worker that stops hands back what it holds', async ({ millrace }) => {
  const queue = millrace.queue('stop')
  await queue.send('a')
  const events: string[] = []
  const { promise: began, resolve: begin } = Promise.withResolvers<void>()
  const worker = createWorker({
    queue,
    onStart: () => events.push('start'),
    onStop: () => events.push('stop'),
    onError: () => events.push('error'),
    async processMessage(context) {
      begin()
      await once(context.signal, 'abort')
      throw new Error('aborted')
    },
  })
  await worker.start()
  await began
  await worker.stop({ graceMs: 0 })
  await worker.stop()
  assert.deepEqual(events, ['start', 'stop'])
  const [message] = await queue.receive()
  assert.equal(message?.receiveCount, 1)
})

inEveryForm('marks come in time and within range, or throw', async ({ millrace }) => {
  const queue = millrace.queue('marks')
  const faults: unknown[] = []
  const { promise: done, resolve } = Promise.withResolvers<() => void>()
  const worker = createWorker({
    queue,
    processMessage(context) {
      for (const delay of [-1, Number.NaN, Number.POSITIVE_INFINITY, { days: 4000 }]) {
        assert.throws(() => context.reprocess(delay), RangeError)
      }
      resolve(() => context.cancel())
    },
    onFault: (error) => faults.push(error),
  })
  await worker.start()
  const { id } = await queue.send('a')
  const late = await done
  for (let status = await millrace.status(id); !status?.ended; ) status = await millrace.status(id)
  assert.equal((await millrace.status(id))?.ended?.outcome, 'processed')
  assert.throws(late, /after the handler/)
  await worker.stop()
  assert.deepEqual(faults, [])
})
