import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, settle } from '../../../test/client/fakes.ts'
import { isMillraceError, MillraceError } from '../error.ts'
import { Batcher, type BatchLimits, type Entry, settledBy } from './batcher.ts'

interface Named extends Entry {
  readonly name: string
  resolve(name: string): void
}

const limits: BatchLimits = { maxCount: 10, maxWeight: 100, together: true }

/** A batcher whose requests wait until they are let go. */
const setUp = (more: Partial<BatchLimits> = {}) => {
  const requests: { names: string[]; finish: (error?: unknown) => void }[] = []
  const batcher = new Batcher<Named>(
    (entries) =>
      new Promise((resolve, reject) => {
        const finish = (error?: unknown) => {
          if (error !== undefined) return reject(error)
          for (const entry of entries) entry.resolve(entry.name)
          resolve()
        }
        requests.push({ names: entries.map(({ name }) => name), finish })
      }),
    { ...limits, ...more },
    fakeRuntime(),
  )
  const add = (
    name: string,
    { count = 1, weight = 1, alone = false, signal = undefined as AbortSignal | undefined } = {},
  ) =>
    settledBy<string, Named>(signal, (resolve, reject) => {
      const entry = { name, count, weight, alone, resolve, reject, cancelled: false }
      batcher.add(entry)
      return entry
    })
  const names = () => requests.map((request) => request.names.join(''))
  return { batcher, requests, add, names }
}

test('calls of one moment travel together, in their order', async () => {
  const { add, requests, names } = setUp()
  const answers = Promise.all([add('a'), add('b'), add('c')])
  await settle()
  assert.deepEqual(names(), ['abc'])
  requests[0]?.finish()
  assert.deepEqual(await answers, ['a', 'b', 'c'])
})

test('calls that come while a request is under way travel with the next', async () => {
  const { add, requests, names } = setUp()
  const first = add('a')
  await settle()
  const others = [add('b')]
  await settle()
  others.push(add('c'))
  await settle()
  assert.deepEqual(names(), ['a'])
  requests[0]?.finish()
  await first
  await settle()
  assert.deepEqual(names(), ['a', 'bc'])
  requests[1]?.finish()
  await Promise.all(others)
})

test('a request holds no more than its limits allow', async () => {
  const { add, requests, names } = setUp()
  const answers = [add('a', { count: 6 }), add('b', { count: 4 }), add('c', { count: 1 })]
  answers.push(add('d', { weight: 99 }), add('e', { weight: 2 }), add('f', { weight: 500 }), add('g'))
  for (let at = 0; at < 5; at++) {
    await settle()
    requests[at]?.finish()
  }
  assert.deepEqual(names(), ['ab', 'cd', 'e', 'f', 'g'])
  await Promise.all(answers)
})

test('what has to travel alone does, in its turn', async () => {
  const { add, requests, names } = setUp()
  const answers = [add('a'), add('b', { alone: true }), add('c', { alone: true }), add('d'), add('e')]
  for (let at = 0; at < 4; at++) {
    await settle()
    requests[at]?.finish()
  }
  assert.deepEqual(names(), ['a', 'b', 'c', 'de'])
  await Promise.all(answers)
})

test('a refusal that concerns some is found by halving, and the others are carried out', async () => {
  const { add, requests, names } = setUp()
  const answers = Promise.allSettled(['a', 'b', 'X', 'c', 'd'].map((name) => add(name)))
  for (let at = 0; at < 20; at++) {
    await settle()
    const request = requests[at]
    request?.finish(request.names.includes('X') ? new MillraceError('MessageTooLarge', 'too large') : undefined)
  }
  assert.deepEqual(names(), ['abXcd', 'abX', 'ab', 'X', 'cd'])
  assert.deepEqual(
    (await answers).map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
})

test('when a queue is full, those after the first that does not fit are refused without asking', async () => {
  const { add, requests, names } = setUp()
  const answers = Promise.allSettled(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => add(name)))
  let free = 3
  for (let at = 0; at < 20; at++) {
    await settle()
    const request = requests[at]
    if (!request) continue
    const fits = request.names.length <= free
    if (fits) free -= request.names.length
    request.finish(fits ? undefined : new MillraceError('QueueFull', 'full'))
  }
  assert.deepEqual(names(), ['abcdefgh', 'abcd', 'ab', 'cd', 'c', 'd'])
  assert.deepEqual(
    (await answers).map((result) => result.status === 'fulfilled'),
    [true, true, true, false, false, false, false, false],
  )
})

test('any other error is everybody’s', async () => {
  const { add, requests, names } = setUp()
  const answers = Promise.allSettled([add('a'), add('b')])
  await settle()
  requests[0]?.finish(new MillraceError('Network', 'gone'))
  assert.deepEqual(
    (await answers).map((result) => result.status === 'rejected' && result.reason.code),
    ['Network', 'Network'],
  )
  assert.deepEqual(names(), ['ab'])
})

test('who gives up before the request is left out; who gives up later no longer waits', async () => {
  const { add, requests, names } = setUp()
  const early = new AbortController()
  const late = new AbortController()
  const answers = Promise.allSettled([add('a', { signal: early.signal }), add('b', { signal: late.signal }), add('c')])
  early.abort()
  await settle()
  late.abort()
  requests[0]?.finish()
  const [a, b, c] = await answers
  assert.deepEqual(names(), ['bc'])
  assert.ok(a?.status === 'rejected' && isMillraceError(a.reason, 'Aborted'))
  assert.ok(b?.status === 'rejected' && isMillraceError(b.reason, 'Aborted'))
  assert.equal(c?.status, 'fulfilled')
})

test('closing waits for what is there, and takes no more', async () => {
  const { batcher, add, requests } = setUp({ maxCount: 1 })
  const answers = Promise.all([add('a'), add('b')])
  let closed = false
  const closing = batcher.close().then(() => {
    closed = true
  })
  await assert.rejects(add('c'), (error) => isMillraceError(error, 'Closed'))
  await settle()
  requests[0]?.finish()
  await settle()
  assert.equal(closed, false)
  requests[1]?.finish()
  await answers
  await closing
  assert.equal(batcher.idle, true)
})

test('closing does not wait for those who have given up', async () => {
  const { batcher, add } = setUp()
  const controller = new AbortController()
  const answer = add('a', { signal: controller.signal })
  controller.abort()
  await assert.rejects(answer)
  await batcher.close()
})

test('apart, every call travels at once', async () => {
  const { add, requests, names } = setUp({ together: false })
  const answers = Promise.all([add('a'), add('b')])
  assert.deepEqual(names(), ['a', 'b'])
  for (const request of requests) request.finish()
  await answers
})
