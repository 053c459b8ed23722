import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedMessage } from '../../../core/requests.ts'
import { notification } from './notification.ts'
import { retriesOf } from './retry-policy.ts'

const message = { sentAt: 1000, body: Buffer.from('{"n": 1.0, "ü":"é"}'), contentType: 'application/json' }
const received = { message, expiresAt: 61_000, queue: 'q' } as unknown as ReceivedMessage

const bodyFor = (template?: unknown) =>
  notification
    .request(received, { headers: {}, formOptions: template === undefined ? {} : { template } })
    .body.toString('utf8')

test('a subscriber is told the message as it was posted, in its own document if it has one', () => {
  const plain = '{"body":{"n": 1.0, "ü":"é"},"ttl":60,"queue_name":"q","Message_Type":"Notification"}'
  assert.equal(bodyFor(), plain)
  assert.equal(bodyFor('{"é":"$zaqar_message$"}'), `{"é":${plain}}`)
  assert.equal(
    bodyFor({ to: ['$zaqar_message$'], and: '$zaqar_message$ too' }),
    `{"to":[${plain}],"and":"$zaqar_message$ too"}`,
  )
})

test('whoever answers has been told, unless it failed itself', () => {
  for (const [status, taken] of [
    [200, true],
    [204, true],
    [302, true],
    [404, true],
    [499, true],
    [500, false],
    [503, false],
  ] as const) {
    assert.equal(notification.accepts(status), taken, String(status))
  }
})

test('calls are repeated at once, after a short wait, after growing ones, and as the subscription or its queue says', () => {
  const seconds = (own?: unknown, queues?: unknown) => retriesOf(own, queues).delaysMs?.map((ms) => ms / 1000)
  assert.deepEqual(seconds(), [0, 0, 0, 5, 5, 5, 10, 15, 20, 25, 30, 30, 30])
  const short = { retries_with_no_delay: 1, minimum_delay_retries: 0, maximum_delay_retries: 1 }
  assert.deepEqual(seconds({ ...short, retry_backoff_function: 'exponential' }), [0, 10, 20, 30])
  assert.deepEqual(seconds(undefined, { ...short, maximum_delay: 5 }), [0, 5])
  assert.deepEqual(seconds(short, { ...short, maximum_delay: 5 }), [0, 10, 15, 20, 25, 30])
  assert.deepEqual(seconds(short, { ...short, maximum_delay: 5, ignore_subscription_override: true }), [0, 5])
  const none = { retries_with_no_delay: 0, minimum_delay_retries: 0, maximum_delay_retries: 0, maximum_delay: 5 }
  assert.deepEqual(retriesOf(none, undefined), { max: 0, delaysMs: null })
  assert.ok((seconds({ retries_with_no_delay: 1e9, minimum_delay: -1, maximum_delay: 'x' })?.length ?? 0) <= 100)
})
