import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBackend, fakeRuntime, sentAnswer, textsOf } from '../../test/client/fakes.ts'
import type { SendRequest } from './backend.ts'
import { defaultLimits, MillraceHandle } from './millrace.ts'

const setUp = () => {
  const requests: SendRequest[] = []
  let stored = 0
  const backend = fakeBackend({
    async send(request) {
      requests.push(request)
      const answer = sentAnswer(request, stored)
      stored += request.messages.length
      return answer
    },
  })
  const millrace = new MillraceHandle({ backend, limits: defaultLimits, runtime: fakeRuntime() })
  return { requests, millrace, sent: () => requests.map(({ messages }) => textsOf(messages)) }
}

test('sends on one queue travel together, whichever object they were made on', async () => {
  const { millrace, requests, sent } = setUp()
  const send = (name: string, body: string) => millrace.queue<string, string>(name).send(body)
  const answers = await Promise.all([send('a', '1'), send('b', '2'), send('a', '3')])
  assert.deepEqual(
    requests.map(({ queue }) => queue),
    ['a', 'b'],
  )
  assert.deepEqual(sent(), [['1', '3'], ['2']])
  assert.deepEqual(
    answers.map(({ id }) => id),
    ['id-0', 'id-2', 'id-1'],
  )
})

test('sends that refuse to make a queue travel apart from those that do not', async () => {
  const { millrace, requests } = setUp()
  const queue = millrace.queue<string, string>('a')
  await Promise.all([queue.send('1'), queue.send('2', { ifMissing: 'refuse' })])
  assert.deepEqual(
    requests.map(({ ifMissing }) => ifMissing),
    ['create', 'refuse'],
  )
})

test('a send with an idempotency key travels alone, with that key', async () => {
  const { millrace, requests, sent } = setUp()
  const queue = millrace.queue<string, string>('a')
  await Promise.all([queue.send('1'), queue.send('2', { idempotencyKey: 'k' }), queue.send('3'), queue.send('4')])
  assert.deepEqual(sent(), [['1'], ['2'], ['3', '4']])
  assert.deepEqual(
    requests.map(({ idempotencyKey }) => idempotencyKey),
    [undefined, 'k', undefined],
  )
})

test('more than fits into a request goes in several, each with a key of its own', async () => {
  const { millrace, requests } = setUp()
  const queue = millrace.queue<unknown, unknown>('a')
  const many = Array.from({ length: 2100 }, (_, at) => ({ body: `${at}` }))
  assert.equal((await queue.sendMany(many, { idempotencyKey: 'k' })).length, 2100)
  assert.deepEqual(
    requests.map(({ messages, idempotencyKey }) => [messages.length, idempotencyKey]),
    [
      [1000, 'k/0'],
      [1000, 'k/1'],
      [100, 'k/2'],
    ],
  )
  requests.length = 0
  await queue.sendMany(Array.from({ length: 5 }, () => ({ body: 'ü'.repeat(1_500_000) })))
  assert.deepEqual(
    requests.map(({ messages }) => messages.length),
    [2, 2, 1],
  )
})

test('what the caller changes afterwards changes nothing', async () => {
  const { millrace, requests } = setUp()
  const body = { a: 1 }
  const attributes = { b: 1 }
  const sending = millrace.queue<object, object>('a').send(body, { attributes })
  body.a = 2
  attributes.b = 2
  await sending
  assert.equal(requests[0]?.messages[0]?.body, '{"a":1}')
  assert.equal(requests[0]?.messages[0]?.attributes, '{"b":1}')
})
