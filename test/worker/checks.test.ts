// What the worker SDK promises, seen from outside: a real server, its own clock, and processes that are killed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createClient, isMillraceError, type Millrace, type StoredMessage } from '../../src/client/index.ts'
import { createWorker, hours, type MessageContext, milliseconds, seconds, Worker } from '../../src/worker/index.ts'
import { accountNamed, startTestServer, temporaryDirectory, tokenOf } from '../server/harness.ts'
import { startProcess } from '../starqueue/process.ts'

const open = async (t: TestContext) => {
  const server = await startTestServer(t)
  const millrace = createClient({ url: server.url })
  t.after(() => millrace.close())
  return { server, millrace }
}

/** The message once it is as the test waits for. */
const when = async (
  millrace: Millrace,
  queue: string,
  id: string,
  is: (message: StoredMessage<unknown>) => boolean,
): Promise<StoredMessage<unknown>> => {
  for (;;) {
    const message = await millrace.queue(queue).get(id)
    if (message && is(message)) return message
  }
}

const typed = (type: string) => (message: StoredMessage<unknown>) => message.type === type

test('put aside once: D with its count and time, not handed out before, then handed out and processed', async (t) => {
  const { server, millrace } = await open(t)
  await millrace.queues.create('results', {}, { preset: 'worker' })
  const runs: number[] = []
  class Patient extends Worker<string> {
    override processMessage(context: MessageContext<string>): void {
      if (context.message !== 'early') return
      runs.push(Date.now())
      if (context.reprocessCount === 0) context.reprocess(seconds(2))
    }
  }
  const worker = new Patient({ url: server.url, queue: 'results', name: 'patient' })
  await worker.start()
  const { id } = await millrace.queue('results').send('early')
  // Ten others go through meanwhile.
  const others = await millrace.queue('results').sendMany(Array.from({ length: 10 }, (_, n) => ({ body: `${n}` })))
  await Promise.all(others.map((other) => when(millrace, 'results', other.id, typed('P'))))

  const processed = await when(millrace, 'results', id, typed('P'))
  assert.deepEqual([processed.reprocessCount, processed.visibleAt, processed.receiveCount], [1, null, 2])
  const steps = ((await millrace.status(id))?.steps ?? []).filter(({ from, to }) => from !== to)
  assert.deepEqual(
    steps.map(({ from, to, cause }) => `${from}${to} ${cause}`),
    ['QD patient', 'DQ automatic', 'QP patient'],
  )
  const [delayed, back] = steps
  const dueAt = (delayed?.at ?? 0) + 2000
  assert.deepEqual([delayed?.detail?.reprocessCount, delayed?.detail?.until], [1, dueAt])
  assert.ok((back?.at ?? 0) >= dueAt && (runs[1] ?? 0) >= dueAt, 'never early')
  await worker.stop()
})

test('there is no limit: fifty delays in a row', async (t) => {
  const { server, millrace } = await open(t)
  await millrace.queues.create('often', {}, { preset: 'worker' })
  const worker = createWorker({
    url: server.url,
    queue: 'often',
    processMessage(context) {
      if (context.reprocessCount < 50) context.reprocess({ milliseconds: context.reprocessCount % 2 })
    },
  })
  await worker.start()
  const { id } = await millrace.queue('often').send('x')
  const processed = await when(millrace, 'often', id, typed('P'))
  assert.deepEqual([processed.reprocessCount, processed.receiveCount], [50, 51])
  await worker.stop()
})

test('the same call in an ordered queue is refused, and the message errored', async (t) => {
  const { server, millrace } = await open(t)
  await millrace.queues.create('line', { ordering: 'ordered' }, { preset: 'worker' })
  const worker = createWorker({
    url: server.url,
    queue: 'line',
    processMessage: (context) => context.reprocess(1000),
  })
  await worker.start()
  const { id } = await millrace.queue('line').send('x')
  const errored = await when(millrace, 'line', id, typed('E'))
  assert.equal(errored.reprocessCount, 0)
  await worker.stop()
})

test('in an ordered queue a retry holds up all others', async (t) => {
  const { server, millrace } = await open(t)
  await millrace.queues.create('line', { ordering: 'ordered' }, { preset: 'worker' })
  const seen: string[] = []
  const worker = createWorker<string>({
    url: server.url,
    queue: 'line',
    processMessage({ message, attempts }) {
      seen.push(`${message}${attempts}`)
      if (message === 'a' && attempts < 3) throw new Error('not now')
    },
    onError(_context, args) {
      args.shouldRetry = true
      args.sleepTime = 5
    },
  })
  const sent = await millrace.queue('line').sendMany(['a', 'b', 'c'].map((body) => ({ body })))
  await worker.start()
  await when(millrace, 'line', sent[2]?.id ?? '', typed('P'))
  assert.deepEqual(seen, ['a1', 'a2', 'a3', 'b1', 'c1'])
  await worker.stop()
})

test('a queue that holds delayed messages does not become an ordered one, and says how many they are', async (t) => {
  const { millrace } = await open(t)
  await millrace.queues.create('q', {}, { preset: 'worker' })
  const queue = millrace.queue('q')
  await queue.sendMany([{ body: 1 }, { body: 2 }])
  for (const message of await queue.receive({ maxMessages: 2 })) await message.reprocess(hours(1))
  await assert.rejects(
    queue.update({ ordering: 'ordered' }),
    (error) => isMillraceError(error, 'QueueNotEmpty') && /2 messages of 'q' are delayed/.test(error.message),
  )
})

test('a delay of sixty days neither fires at once nor ends after twenty-four days', async (t) => {
  const { millrace } = await open(t)
  await millrace.queues.create('long', {}, { preset: 'worker' })
  const queue = millrace.queue('long')
  const { id } = await queue.send('x')
  const [message] = await queue.receive()
  await message?.reprocess(hours(24 * 60))
  const stored = await queue.get(id)
  assert.equal((stored?.visibleAt ?? 0) - (stored?.modifiedAt ?? 0), 60 * 86_400_000)
  assert.deepEqual(await queue.receive(), [])
})

test('nothing that a worker may do brings a delayed message back; an operator does, and that one only', async (t) => {
  const server = await startTestServer(t, {
    accounts: [accountNamed('acme', { id: 'w', secret: 'a-long-secret-of-w', scopes: ['send', 'receive'] })],
  })
  const operator = createClient({ url: server.url, token: tokenOf('acme') })
  const worker = createClient({ url: server.url, token: tokenOf('w') })
  t.after(() => Promise.all([operator.close(), worker.close()]))
  await operator.queues.create('q', {}, { preset: 'worker' })
  const sent = await operator.queue('q').sendMany([{ body: 'one' }, { body: 'two' }])
  const held = await worker.queue('q').receive({ maxMessages: 2 })
  for (const message of held) await message.reprocess(hours(1))
  const [one, two] = sent.map(({ id }) => id)

  const handle = held[0]?.receiptHandle ?? ''
  for (const action of [
    { do: 'extend', visibilityTimeoutMs: 0 },
    { do: 'release' },
    { do: 'finish', as: 'P' },
    { do: 'dead-letter' },
  ]) {
    for (const handles of ['leased', 'latest', 'any']) {
      const body = { handles, entries: [{ receiptHandle: handle, action }] }
      const answer = await server.call('POST', '/queues/q/settle', { body, token: tokenOf('w') })
      assert.equal(answer.body.results[0].ok, false, JSON.stringify(body))
    }
  }
  for (const [path, body] of [
    ['/queues/q/messages/act', { ids: [one], action: { do: 'reprocess' } }],
    ['/queues/q/tasks', { action: { do: 'reprocess' } }],
    ['/queues/q/messages/search', {}],
    ['/queues/q/messages/count', {}],
    ['/queues/q/messages/export', {}],
  ] as const) {
    assert.equal((await server.call('POST', path, { body, token: tokenOf('w') })).status, 403, path)
  }
  assert.equal((await server.call('GET', `/messages/${one}/details`, { token: tokenOf('w') })).status, 403)
  assert.equal((await operator.queue('q').get(one ?? ''))?.type, 'D')

  const waiting = worker.queue('q').receive({ waitMs: 60_000 })
  const body = { ids: [one], action: { do: 'reprocess' } }
  await server.call('POST', '/queues/q/messages/act', { body, token: tokenOf('acme') })
  const [message] = await waiting
  assert.deepEqual([message?.id, message?.reprocessCount], [one, 1])
  const other = await operator.queue('q').get(two ?? '')
  assert.deepEqual([other?.type, other?.reprocessCount], ['D', 1])
  const steps = (await operator.status(one ?? ''))?.steps ?? []
  assert.deepEqual(
    steps.filter(({ from, to }) => from === 'D' && to === 'Q').map(({ cause }) => cause),
    ['acme'],
  )

  const search = { filter: { types: ['D'] } }
  const found = await server.call('POST', '/queues/q/messages/search', { body: search, token: tokenOf('acme') })
  assert.deepEqual(
    found.body.messages.map(({ id }: { id: string }) => id),
    [two],
  )
})

test('a server that is killed keeps types, counters and times; what came due meanwhile is back', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await startProcess(t, directory)
  const client = createClient({ url: first.url })
  await client.queues.create('q', {}, { preset: 'worker' })
  const queue = client.queue<string>('q')
  const sent = await queue.sendMany([{ body: 'soon' }, { body: 'late' }])
  const dues = new Map<string, number>()
  for (const message of await queue.receive({ maxMessages: 2 })) {
    const settled = await message.reprocess(message.body === 'soon' ? 50 : hours(1))
    dues.set(message.body, settled.visibleAt ?? 0)
  }
  await first.kill()
  await client.close()

  const second = await startProcess(t, directory)
  const again = createClient({ url: second.url })
  t.after(() => again.close())
  const [soon, late] = sent.map(({ id }) => id)
  const back = await when(again, 'q', soon ?? '', typed('Q'))
  assert.deepEqual([back.reprocessCount, back.visibleAt], [1, null])
  const delayed = await again.queue('q').get(late ?? '')
  assert.deepEqual([delayed?.type, delayed?.reprocessCount, delayed?.visibleAt], ['D', 1, dues.get('late')])
})

test('a worker that is killed before its handler ends leaves the message Q, its counter as it was', async (t) => {
  const { server, millrace } = await open(t)
  await millrace.queues.create('killed', {}, { preset: 'worker' })
  const { id } = await millrace.queue('killed').send('x')
  const env = { ...process.env, MILLRACE_TEST_URL: server.url }
  const child = spawn(process.execPath, [resolve(import.meta.dirname, 'worker-process.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  assert.equal(String(said).trim(), id)
  const { body } = await server.call('GET', '/queues/killed/workers')
  assert.deepEqual([body.workers[0].name, body.workers[0].inWork], ['doomed', 1])
  child.kill('SIGKILL')
  const [again] = await millrace.queue('killed').receive({ waitMs: 120_000 })
  assert.deepEqual([again?.id, again?.reprocessCount, again?.receiveCount], [id, 0, 2])
})

test('while everything is delayed a dequeue waits, and the first to come due wakes it; paused queues hand out none', async (t) => {
  const { millrace } = await open(t)
  await millrace.queues.create('q', {}, { preset: 'worker' })
  const queue = millrace.queue<string>('q')
  await queue.sendMany([{ body: 'later' }, { body: 'sooner' }])
  for (const message of await queue.receive({ maxMessages: 2 })) {
    await message.reprocess(message.body === 'sooner' ? 100 : hours(1))
  }
  const [first] = await queue.receive({ waitMs: 60_000 })
  assert.equal(first?.body, 'sooner')
  await first?.reprocess(milliseconds(20))
  await queue.update({ paused: true })
  const paused = await when(millrace, 'q', first?.id ?? '', typed('Q'))
  assert.equal(paused.reprocessCount, 2)
  assert.deepEqual(await queue.receive(), [])
  await queue.update({ paused: false })
  assert.equal((await queue.receive())[0]?.body, 'sooner')
})
