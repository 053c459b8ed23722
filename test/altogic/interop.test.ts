import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenOf } from '../server/harness.ts'
import { base64, post as starQueue } from '../starqueue/harness.ts'
import { codes, type Json, shop, start } from './harness.ts'

const statusOf = async (client: ReturnType<Awaited<ReturnType<typeof start>>['client']>, id: string): Promise<Json> => {
  const { info, errors } = await client.queue.getMessageStatus(id)
  assert.equal(errors, null)
  return info
}

test('queues of every other door are found, by name and by id, and none is made here', async (t) => {
  const { client, native, server } = await start(t)
  const { queue } = client()
  const headers = { AuthToken: tokenOf('shop') }
  const body = { MessageBody: base64('{"from":"starqueue"}') }
  const sent = await starQueue(`${server.url}/messagesend/shop/virtual`, body, headers)
  const virtual = await native('GET', '/queues/virtual')
  assert.equal(virtual.explicit, false)
  const { info } = await queue.submitMessage(virtual.publicId, { from: 'altogic' })
  assert.deepEqual([info?.queueName, info?.queueId], ['virtual', virtual.publicId])
  const { json } = await starQueue(`${server.url}/messagereceive/shop/virtual`, { MaxNumberOfMessages: 10 }, headers)
  const received = json.MessageReceiveResult as { MessageBody: string; ReceiptHandle: string }[]
  assert.deepEqual(
    received.map(({ MessageBody }) => JSON.parse(Buffer.from(MessageBody, 'base64').toString())),
    [{ from: 'starqueue' }, { from: 'altogic' }],
  )
  assert.equal((await statusOf(client(), info?.messageId ?? '')).status, 'processing')
  const ReceiptHandles = received.map(({ ReceiptHandle }) => ReceiptHandle)
  await starQueue(`${server.url}/messagedelete/shop/virtual`, { ReceiptHandles }, headers)
  assert.equal((await statusOf(client(), info?.messageId ?? '')).status, 'completed')
  const theirs = String((sent.json.MessageSendResult as Json).MessageId)
  assert.equal((await statusOf(client(), theirs)).status, 'completed', 'an id in the form of another door')

  const gone = await queue.submitMessage('virtual', {})
  assert.deepEqual(codes({ errors: gone.errors?.items }), ['queue_not_found'])
  const names = (await native('GET', '/queues')).queues.map(({ name }: Json) => name)
  assert.deepEqual(names, ['sendWelcomeEmail'])
})

test('what a consumer does with a message is its status, whatever door the consumer came through', async (t) => {
  const { client, native } = await start(t)
  await native('PUT', '/queues/dead', {})
  await native('PUT', '/queues/work', { keepFinished: 'message', deadLetterQueue: 'dead' })
  await native('PUT', '/queues/quick', {})
  const submit = async (queue: string) => {
    const { info } = await client().queue.submitMessage(queue, { a: 1 })
    const id = info?.messageId ?? ''
    const { messages } = await native('POST', `/queues/${queue}/receive`)
    assert.equal(messages[0].id, id)
    return { id, receiptHandle: messages[0].receiptHandle }
  }
  const settle = async (queue: string, action: object) => {
    const { id, receiptHandle } = await submit(queue)
    const { results } = await native('POST', `/queues/${queue}/settle`, { entries: [{ receiptHandle, action }] })
    assert.equal(results[0].ok, true, JSON.stringify(results))
    const info = await statusOf(client(), id)
    assert.ok(info.startedAt, JSON.stringify(info))
    assert.equal(info.completedAt !== undefined, ['completed', 'errors'].includes(info.status))
    return info
  }
  for (const queue of ['work', 'quick']) {
    assert.equal((await settle(queue, { do: 'delete' })).status, 'completed')
    assert.equal((await settle(queue, { do: 'finish', as: 'P' })).status, 'completed')
    assert.equal((await settle(queue, { do: 'finish', as: 'F' })).status, 'completed')
    for (const as of ['E', 'S']) {
      const info = await settle(queue, { do: 'finish', as, reason: 'no such customer' })
      assert.equal(info.status, 'errors')
      const [error] = info.errors.errors
      assert.deepEqual(
        [error.origin, error.code, error.details],
        ['client_error', 'queue_execution_error', { reason: 'no such customer' }],
      )
    }
    assert.equal((await settle(queue, { do: 'release', delayMs: 60_000 })).status, 'processing')
    assert.equal((await settle(queue, { do: 'reprocess', delayMs: 60_000 })).status, 'processing')
  }
  const dead = await settle('work', { do: 'dead-letter' })
  assert.deepEqual([dead.status, dead.queueName], ['errors', 'work'])
  assert.equal((await settle('quick', { do: 'dead-letter' })).status, 'errors')
})

test('a message that nobody processed before it was removed has errors', async (t) => {
  const { client, native } = await start(t)
  const submit = async () => {
    const { info } = await client().queue.submitMessage('sendWelcomeEmail', {})
    return info?.messageId ?? ''
  }
  const deleted = await submit()
  await native('DELETE', `/queues/sendWelcomeEmail/messages/${deleted}`)
  const purged = await submit()
  await native('POST', '/queues/sendWelcomeEmail/purge')
  for (const [id, code] of [
    [deleted, 'message_deleted'],
    [purged, 'message_purged'],
  ] as const) {
    const info = await statusOf(client(), id)
    assert.deepEqual([info.status, info.startedAt, codes(info.errors)], ['errors', undefined, [code]])
  }
  const kept = await submit()
  await native('DELETE', '/queues/sendWelcomeEmail')
  assert.equal((await statusOf(client(), kept)).queueName, 'sendWelcomeEmail', 'also when its queue is gone')
})

test('in a queue with consumer groups a message is completed when all of them are done with it', async (t) => {
  const { client, native } = await start(t)
  await native('PUT', '/queues/events', { consumerGroups: true })
  const { info } = await client().queue.submitMessage('events', { a: 1 })
  const id = info?.messageId ?? ''
  const states: string[] = [(await statusOf(client(), id)).status]
  for (const group of ['audit', 'mail']) await native('PUT', `/queues/events/groups/${group}`)
  for (const group of ['audit', 'mail']) {
    const { messages } = await native('POST', '/queues/events/receive', { group, waitMs: 20_000 })
    states.push((await statusOf(client(), id)).status)
    await native('DELETE', `/queues/events/receipts/${messages[0].receiptHandle}`)
    states.push((await statusOf(client(), id)).status)
  }
  assert.deepEqual(states, ['pending', 'processing', 'processing', 'processing', 'completed'])
})

test('subscribers change nothing of what a message’s status says', async (t) => {
  const { client, native } = await start(t)
  const receive = async (queue: string, more: object = {}) => {
    const { messages } = await native('POST', `/queues/${queue}/receive`, { waitMs: 20_000, ...more })
    return messages[0].receiptHandle
  }
  const settle = (queue: string, receiptHandle: string, action: object) =>
    native('POST', `/queues/${queue}/settle`, { entries: [{ receiptHandle, action }] })
  for (const keepFinished of ['nothing', 'message']) {
    const queue = `watched-${keepFinished}`
    await native('PUT', `/queues/${queue}`, { keepFinished })
    for (const group of ['quick', 'slow']) await native('PUT', `/queues/${queue}/groups/${group}`, { subscription: {} })
    const { info } = await client().queue.submitMessage(queue, { a: 1 })
    const id = info?.messageId ?? ''
    await settle(queue, await receive(queue, { group: 'quick' }), { do: 'finish', as: 'E', reason: 'no' })
    const slow = await receive(queue, { group: 'slow' })
    const pending = await statusOf(client(), id)
    assert.deepEqual([pending.status, pending.startedAt], ['pending', undefined])
    await settle(queue, await receive(queue), { do: 'finish', as: 'P' })
    assert.equal((await statusOf(client(), id)).status, 'completed')
    await settle(queue, slow, { do: 'finish', as: 'E', reason: 'no' })
    assert.equal((await statusOf(client(), id)).status, 'completed')
  }
})

test('two keys of an app see the same; apps see nothing of each other, and a key only what its pattern names', async (t) => {
  const { client, native } = await start(t, { ...shop })
  const { info } = await client().queue.submitMessage('sendWelcomeEmail', {})
  const id = info?.messageId ?? ''
  const other = client('a-client-key-of-the-other').queue
  assert.deepEqual(await other.getMessageStatus(id), { info: null, errors: null })
  const refused = await other.submitMessage('sendWelcomeEmail', {})
  assert.deepEqual(codes({ errors: refused.errors?.items }), ['queue_not_found'])
  assert.equal(
    (await client(tokenOf('shop')).queue.getMessageStatus(id)).info?.messageId,
    id,
    'a bearer token is a key too',
  )
  const narrow = client('a-long-secret-of-narrow').queue
  assert.deepEqual(await narrow.getMessageStatus(id), { info: null, errors: null })
  await native('PUT', '/queues/orders-eu', {})
  const order = await narrow.submitMessage('orders-eu', {})
  assert.equal((await narrow.getMessageStatus(order.info?.messageId ?? '')).info?.status, 'pending')
})
