import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMillraceError, type Millrace } from '../../src/client/index.ts'
import {
  createWorker,
  type MessageContext,
  minutes,
  ReprocessNotAllowedError,
  retryPolicy,
  seconds,
  Worker,
} from '../../src/worker/index.ts'
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

inEveryForm('onError may say something of the message, too', async ({ millrace }) => {
  await millrace.queues.create('said', {}, { preset: 'worker' })
  const worker = createWorker({
    client: millrace,
    queue: 'said',
    processMessage({ attempts }) {
      if (attempts === 1) throw new Error('no')
    },
    onError(context, args) {
      context.writeEvent('warning', `try ${args.totalRetries + 1} failed`)
      args.shouldRetry = true
      args.sleepTime = 0
    },
  })
  await worker.start()
  const { id } = await millrace.queue('said').send('a')
  await becomes(millrace, 'said', id, 'P')
  const steps = (await millrace.status(id))?.steps ?? []
  assert.deepEqual(
    steps.filter(({ detail }) => detail?.severity === 'warning').map(({ text }) => text),
    ['try 1 failed'],
  )
  await worker.stop()
})

inEveryForm('a worker that stops while onError is asked hands the message back', async ({ millrace }) => {
  const queue = millrace.queue('asked')
  await queue.send('a')
  const faults: unknown[] = []
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  const worker = createWorker({
    queue,
    processMessage() {
      throw new Error('no')
    },
    async onError(context) {
      asked.resolve()
      await once(context.signal, 'abort')
      answered.resolve()
    },
    onFault: (error) => faults.push(error),
  })
  await worker.start()
  await asked.promise
  await worker.stop({ graceMs: 0 })
  await answered.promise
  const [message] = await queue.receive()
  assert.deepEqual([message?.receiveCount, message?.failures, faults], [1, 0, []])
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

inEveryForm(
  'messages of one group are handled one after the other, however many slots are free',
  async ({ millrace }) => {
    await millrace.queues.create('grouped', { ordering: 'grouped', keepFinished: 'message' })
    const queue = millrace.queue<string>('grouped')
    const sent = await queue.sendMany(
      ['a1', 'a2', 'b1', 'a3'].map((body) => ({ body, messageGroup: body.slice(0, 1) })),
    )
    const handled: string[] = []
    const atOnce = { a: 0, most: 0 }
    const aAndB = Promise.withResolvers<void>()
    let hasFailed = false
    const worker = createWorker<string>({
      client: millrace,
      queue: 'grouped',
      concurrency: 4,
      onError(_context, args) {
        args.shouldRetry = true
        args.sleepTime = 0
      },
      async processMessage({ message }) {
        handled.push(message)
        if (message === 'b1') return aAndB.resolve()
        atOnce.most = Math.max(atOnce.most, ++atOnce.a)
        try {
          // Another group goes on meanwhile.
          await aAndB.promise
          if (message === 'a1' && !hasFailed) {
            hasFailed = true
            throw new Error('once more')
          }
        } finally {
          atOnce.a--
        }
      },
    })
    await worker.start()
    for (const { id } of sent) await becomes(millrace, 'grouped', id, 'P')
    await worker.stop()
    assert.deepEqual(
      handled.filter((message) => message !== 'b1'),
      ['a1', 'a1', 'a2', 'a3'],
    )
    assert.equal(atOnce.most, 1)
  },
)

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

inEveryForm(
  'events are lines of the history; one of severity error makes the message errored',
  async ({ millrace }) => {
    await millrace.queues.create('events', {}, { preset: 'worker' })
    const worker = createWorker<string>({
      client: millrace,
      queue: 'events',
      name: 'scribe',
      processMessage(context) {
        context.writeEvent('info', 'began')
        if (context.message === 'bad') context.writeEvent('error', new Error('no such ward'))
        context.filter('unwanted')
        context.reprocess(5)
        context.setOutbound({ ward: 7 })
        assert.throws(() => context.writeEvent('loud' as 'info', 'x'), TypeError)
      },
    })
    await worker.start()
    const [good, bad] = await millrace.queue<string>('events').sendMany([{ body: 'good' }, { body: 'bad' }])
    assert.equal((await becomes(millrace, 'events', good?.id ?? '', 'F')).outbound, '{"ward":7}')
    const errored = await becomes(millrace, 'events', bad?.id ?? '', 'E')
    assert.deepEqual([errored.reason, errored.reprocessCount], ['no such ward', 0])
    const steps = (await millrace.status(bad?.id ?? ''))?.steps ?? []
    const said = steps.filter(({ detail }) => detail?.severity !== undefined)
    assert.deepEqual(
      said.map(({ cause, detail, text }) => [cause, detail?.severity, text]),
      [
        ['scribe', 'info', 'began'],
        ['scribe', 'error', 'no such ward'],
        ['scribe', 'info', 'filter() and reprocess(5) overruled by the error event'],
      ],
    )
    await worker.stop()
  },
)

inEveryForm('a run of failures is counted anew after a delay', async ({ millrace, clock }) => {
  await millrace.queues.create('runs', {}, { preset: 'worker' })
  const retries: number[] = []
  const worker = createWorker({
    client: millrace,
    queue: 'runs',
    processMessage(context) {
      if (context.attempts === 3) return context.reprocess(minutes(1))
      if (context.attempts < 6) throw new Error('no')
    },
    onError(_context, args) {
      retries.push(args.totalRetries)
      args.shouldRetry = true
      args.sleepTime = 0
    },
  })
  await worker.start()
  const { id } = await millrace.queue('runs').send('a')
  await becomes(millrace, 'runs', id, 'D')
  clock.advance(60_000)
  await becomes(millrace, 'runs', id, 'P')
  assert.deepEqual(retries, [0, 1, 0, 1])
  await worker.stop()
})

inEveryForm('a batch is what is waiting, and each message of it is marked by itself', async ({ millrace }) => {
  await millrace.queues.create('batch', {}, { preset: 'worker' })
  const queue = millrace.queue<string>('batch')
  const bodies = ['fine', 'later', 'odd', 'bad', 'cancelled', 'unmarked']
  const sent = await queue.sendMany(bodies.map((body) => ({ body })))
  const sizes: number[] = []
  const worker = createWorker<string>({
    client: millrace,
    queue: 'batch',
    maxBatchCount: 4,
    processMessages(batch) {
      sizes.push(batch.messages.length)
      assert.equal(batch.signal.aborted, false)
      for (const context of batch) {
        if (context.attempts > 1 || context.message === 'fine') batch.succeed(context)
        else if (context.message === 'later') context.reprocess(minutes(1))
        else if (context.message === 'odd') context.filter('odd')
        else if (context.message === 'bad') context.writeEvent('error', 'bad')
        else if (context.message === 'cancelled') context.cancel()
      }
    },
  })
  await worker.start()
  const types = ['P', 'D', 'F', 'E']
  for (const [index, type] of types.entries()) await becomes(millrace, 'batch', sent[index]?.id ?? '', type)
  assert.equal(sizes[0], 4)
  assert.ok(sizes.every((size) => size >= 1 && size <= 4))
  await worker.stop()
})

inEveryForm(
  'an exception out of a batch: all again, or those that are not marked errored',
  async ({ millrace, clock }) => {
    await millrace.queues.create('thrown', {}, { preset: 'worker' })
    const queue = millrace.queue<string>('thrown')
    const sent = await queue.sendMany([{ body: 'marked' }, { body: 'not' }])
    const told: unknown[] = []
    const worker = createWorker<string>({
      client: millrace,
      queue: 'thrown',
      processMessages(batch) {
        for (const context of batch) if (context.message === 'marked') batch.succeed(context)
        throw new Error('the service is gone')
      },
      onBatchError(_batch, args) {
        told.push(args.exception)
        if (told.length > 1) args.action = 'error'
      },
    })
    await worker.start()
    const [marked, not] = sent.map(({ id }) => id)
    let message = await queue.get(marked ?? '')
    while (message?.state !== 'delayed') message = await queue.get(marked ?? '')
    assert.deepEqual([message.type, message.visibleAt], ['Q', clock.now() + 5000])
    let other = await queue.get(not ?? '')
    while (other?.state !== 'delayed') other = await queue.get(not ?? '')
    clock.advance(5000)
    await becomes(millrace, 'thrown', marked ?? '', 'P')
    assert.equal((await becomes(millrace, 'thrown', not ?? '', 'E')).reason, 'the service is gone')
    await worker.stop()
  },
)

inEveryForm('a message of a batch that cannot be settled is tried again, and not lost', async ({ millrace, clock }) => {
  const queue = millrace.queue<string>('unsettled')
  const { id } = await queue.send('kept')
  const faults: unknown[] = []
  const worker = createWorker<string>({
    queue,
    processMessages(batch) {
      for (const context of batch) if (context.attempts > 1) batch.succeed(context)
      if (batch.messages.some(({ attempts }) => attempts === 1)) throw new Error('not yet')
    },
    onBatchError(_batch, args) {
      args.sleepTime = -1
    },
    onFault: (error) => faults.push(error),
  })
  await worker.start()
  let message = await queue.get(id)
  while (message?.state !== 'delayed') message = await queue.get(id)
  assert.ok(faults[0] instanceof RangeError)
  clock.advance((message.visibleAt ?? 0) - clock.now())
  while (!(await millrace.status(id))?.ended);
  assert.equal((await millrace.status(id))?.ended?.receiveCount, 2)
  await worker.stop()
})

inEveryForm('an onStop that throws is a fault, and keeps nothing from stopping', async ({ millrace }) => {
  const faults: unknown[] = []
  const settings = {
    client: millrace,
    queue: 'q',
    processMessage: () => {},
    onStop: () => {
      throw new Error('no')
    },
    onFault: (error: unknown) => faults.push(error),
  }
  const started = createWorker(settings)
  await started.start()
  for (const worker of [started, createWorker(settings)]) {
    await worker.stop()
    await worker.done
  }
  assert.deepEqual(faults.map(String), ['Error: no', 'Error: no'])
})

inEveryForm('a worker whose settings make no sense does not start, and has ended', async ({ millrace }) => {
  const worker = createWorker({ client: millrace, queue: 'q', holdSeconds: 0, processMessage: () => {} })
  await assert.rejects(worker.start(), (error) => isMillraceError(error, 'ArgumentInvalid'))
  await worker.done
})

inEveryForm('a batch holds no more bytes than it may, but one message in any case', async ({ millrace }) => {
  const queue = millrace.queue<string>('bytes')
  const sent = await queue.sendMany(['x'.repeat(600), 'y'.repeat(600), 'z'].map((body) => ({ body })))
  const sizes: number[] = []
  const worker = createWorker<string>({
    queue,
    maxBatchBytes: 500,
    processMessages(batch) {
      sizes.push(batch.messages.length)
      for (const context of batch) batch.succeed(context)
    },
  })
  await worker.start()
  for (const { id } of sent) while (!(await millrace.status(id))?.ended);
  assert.deepEqual(sizes, [1, 1, 1])
  await worker.stop()
})

inEveryForm(
  'a class is a worker, too; one without a handler does not start, nor do batches in order',
  async ({ millrace }) => {
    class Echo extends Worker<string> {
      readonly seen: string[] = []
      override async processMessage(context: MessageContext<string>): Promise<void> {
        this.seen.push(context.message)
      }
    }
    const echo = new Echo({ client: millrace, queue: 'echo', concurrency: 2 })
    await echo.start()
    const { id } = await millrace.queue('echo').send('hello')
    while (!(await millrace.status(id))?.ended);
    assert.deepEqual(echo.seen, ['hello'])
    await echo.stop()
    await echo.done

    class Nothing extends Worker {}
    await assert.rejects(new Nothing({ client: millrace, queue: 'echo' }).start(), TypeError)
    await millrace.queues.create('in-order', { ordering: 'ordered' })
    await assert.rejects(
      createWorker({ client: millrace, queue: 'in-order', processMessages: () => {} }).start(),
      (error) => isMillraceError(error, 'ArgumentInvalid'),
    )
  },
)
