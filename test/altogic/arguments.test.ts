// What the client sends when it is called in every odd way. It checks nothing itself, and a promise that a bad answer leaves
// unsettled, or a rejection that nobody handles, would end this process.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AltogicClient } from 'altogic'
import { codes, type Json, queueId, start } from './harness.ts'

type Submit = (...args: unknown[]) => Promise<{ info: Json; errors: Json }>

const submitOf = ({ queue }: AltogicClient): Submit => queue.submitMessage.bind(queue) as unknown as Submit

/** How it was refused. */
const refused = async (answering: Promise<{ info: Json; errors: Json }>) => {
  const { info, errors } = await answering
  assert.equal(info, null)
  return {
    status: errors.status,
    codes: codes({ errors: errors.items }),
    fields: errors.items.map((item: Json) => item.details?.field),
  }
}

test('every delay that the client may send', async (t) => {
  const { client } = await start(t)
  const submit = submitOf(client())
  const delayOf = async (delay: unknown) => {
    const { info, errors } = await submit('sendWelcomeEmail', {}, delay)
    assert.equal(errors, null)
    return info.delay
  }
  for (const none of [undefined, null, Number.NaN, 0, -0, Number.POSITIVE_INFINITY]) {
    assert.equal(await delayOf(none), undefined, String(none))
  }
  assert.equal(await delayOf(86_400), 86_400)
  assert.equal(await delayOf(0.0015), 0.002)
  assert.equal(await delayOf(1.25), 1.25)
  for (const wrong of ['5', '', true, -1, -0.001, [5], {}, 1e12]) {
    assert.deepEqual(
      await refused(submit('sendWelcomeEmail', {}, wrong)),
      { status: 400, codes: ['validation_error'], fields: ['delay'] },
      JSON.stringify(wrong),
    )
  }
})

test('every message that the client may send', async (t) => {
  const { client, native } = await start(t)
  const submit = submitOf(client())
  const sent: Json = { date: new Date(0), gone: undefined, nothing: Number.NaN, text: 'é\u2028"', nested: [{}, [1.5]] }
  const { info } = await submit(queueId, sent)
  assert.equal(info.queueId, queueId)
  const { messages } = await native('POST', '/queues/sendWelcomeEmail/receive')
  assert.deepEqual(messages[0].body, JSON.parse(JSON.stringify(sent)))
  const invalid = { status: 400, codes: ['validation_error'], fields: ['message'] }
  for (const message of [undefined, null, 'text', 7, true, [], [{}]]) {
    assert.deepEqual(await refused(submit(queueId, message)), invalid, JSON.stringify(message))
  }
  const circle: Json = {}
  circle.circle = circle
  for (const message of [circle, { big: 1n }]) {
    const answer = await refused(submit(queueId, message))
    assert.deepEqual([answer.status, answer.codes], [415, ['content_type_error']])
  }
  const large = await refused(submit(queueId, { text: 'x'.repeat(9 * 1024 * 1024) }))
  assert.deepEqual([large.status, large.codes], [413, ['request_body_size_too_large']])
  assert.equal((await submit(queueId, { text: 'x'.repeat(1_048_500) })).errors, null)
})

test('every queue that the client may name', async (t) => {
  const { client } = await start(t)
  const submit = submitOf(client())
  for (const name of ['sendWelcomeEmai', 'SendWelcomeEmail', 'a'.repeat(2000), 'a\u0000b', queueId.replace('6', '7')]) {
    const answer = await refused(submit(name, {}))
    const expected = name.includes('\u0000') ? [400, ['validation_error']] : [404, ['queue_not_found']]
    assert.deepEqual([answer.status, answer.codes], expected, name.slice(0, 50))
  }
  for (const name of ['', null, 7, {}, [], true]) {
    assert.deepEqual(
      await refused(submit(name, {})),
      { status: 400, codes: ['validation_error'], fields: ['queueNameOrId'] },
      JSON.stringify(name),
    )
  }
  const none = await refused(submit())
  assert.deepEqual(none, {
    status: 400,
    codes: ['validation_error', 'validation_error'],
    fields: ['queueNameOrId', 'message'],
  })
  const all = await refused(submit(7, 'text', 'now'))
  assert.deepEqual(all.fields, ['queueNameOrId', 'message', 'delay'])
})

test('every id that the client may ask for', async (t) => {
  const { client } = await start(t)
  const { queue } = client()
  const ask = (id: unknown) => queue.getMessageStatus(id as string)
  for (const id of ['', undefined, null, 7, 'x', '0'.repeat(24), 'f'.repeat(24), 'ü ö', 'x?y=z', 'x#y', queueId]) {
    assert.deepEqual(await ask(id), { info: null, errors: null }, String(id))
  }
  const percent = await ask('%zz')
  assert.deepEqual([percent.errors?.status, codes({ errors: percent.errors?.items })], [400, ['invalid_id_value']])
  for (const id of ['a/b', '../task/x', '../../x', 'a/b?c=d#e']) {
    const { info, errors } = await ask(id)
    assert.equal(info, null)
    assert.deepEqual([errors?.status, errors?.statusText], [404, 'Not Found'], id)
    assert.deepEqual(codes({ errors: errors?.items }), ['resource_not_found'])
  }
})

test('base URLs of every form', async (t) => {
  const { client } = await start(t)
  for (const path of ['', '/', '//', '///', '/e:6124d1becc2932001a1afc9a', '/e:6124d1becc2932001a1afc9a/']) {
    const { queue } = client(undefined, undefined, path)
    const { info, errors } = await queue.submitMessage('sendWelcomeEmail', {})
    assert.equal(errors, null, path)
    assert.equal((await queue.getMessageStatus(info?.messageId ?? '')).info?.status, 'pending', path)
  }
})

test('the managers of other parts of the hosted service get an answer they can live with', async (t) => {
  const { client } = await start(t)
  const { db, cache, storage, endpoint, auth } = client()
  const answers: Json[] = await Promise.all([
    db.model('users').get(),
    cache.get('x'),
    storage.listBuckets(),
    auth.sendResetPwdEmail('a@example.com'),
    auth.signInWithPhone('+1', 'secret'),
    auth.signInWithCode('1234', '+1'),
  ])
  for (const { errors } of answers) {
    assert.deepEqual([errors?.status, codes({ errors: errors?.items })], [404, ['resource_not_found']])
  }
  assert.ok(endpoint)
})
