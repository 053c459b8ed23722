import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
import { secretOf } from '../server/harness.ts'
import { queueId, shop, start } from './harness.ts'

test('the client submits by name and by id, and asks what became of its message', async (t) => {
  const { client, native } = await start(t)
  const { queue } = client()
  const { info, errors } = await queue.submitMessage('sendWelcomeEmail', { name: 'Rooby', email: 'rooby@example.com' })
  assert.equal(errors, null)
  assert.ok(info)
  const { messageId, submittedAt } = info
  assert.match(messageId, /^[0-9a-f]{24}$/)
  assert.match(String(submittedAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const pending = { messageId, queueId, queueName: 'sendWelcomeEmail', submittedAt, status: 'pending' }
  assert.deepEqual(info, pending)
  assert.deepEqual(await queue.getMessageStatus(messageId), { info: pending, errors: null })

  const { messages } = await native('POST', '/queues/sendWelcomeEmail/receive')
  assert.deepEqual(messages[0].body, { name: 'Rooby', email: 'rooby@example.com' })
  assert.equal(messages[0].id, messageId)
  const processing = (await queue.getMessageStatus(messageId)).info
  assert.ok(processing?.startedAt)
  assert.deepEqual(processing, { ...pending, status: 'processing', startedAt: processing.startedAt })
  await native('DELETE', `/queues/sendWelcomeEmail/receipts/${messages[0].receiptHandle}`)
  const completed = (await queue.getMessageStatus(messageId)).info
  assert.ok(completed?.completedAt)
  assert.deepEqual(completed, { ...processing, status: 'completed', completedAt: completed.completedAt })

  const byId = await queue.submitMessage(queueId, {}, 86_400)
  assert.deepEqual(
    [byId.info?.queueId, byId.info?.queueName, byId.info?.status],
    [queueId, 'sendWelcomeEmail', 'pending'],
  )
  assert.equal((byId.info as unknown as { delay: number }).delay, 86_400)
})

/** A store that counts what it is asked for. */
const countingStore = () => {
  const memory = memoryStore()
  let units = 0
  const store = new Proxy(memory, {
    get(target, name) {
      if (name !== 'transact') return Reflect.get(target, name, target)
      return (some: Parameters<typeof target.transact>[0]) => {
        units += some.length
        return target.transact(some)
      }
    },
  })
  return { store, units: () => units }
}

test('a message submitted by the name or the id of its queue is one unit of work for the store', async (t) => {
  const { store, units } = countingStore()
  const { queue } = (await start(t, shop, { clock: fakeClock(), store })).client()
  for (const nameOrId of ['sendWelcomeEmail', queueId, queueId.toUpperCase()]) {
    await queue.submitMessage(nameOrId, {})
    const before = units()
    const { info } = await queue.submitMessage(nameOrId, {}, 60)
    assert.equal(info?.queueId, queueId)
    assert.equal(units() - before, 1, nameOrId)
  }
})

test('an id means the queue that has it when the message is stored', async (t) => {
  const { client, native } = await start(t)
  const submit = async (id: string, key?: string) => {
    const { info, errors } = await client(key).queue.submitMessage(id, {})
    return info?.queueName ?? errors?.items[0]?.code
  }
  assert.equal(await submit(queueId), 'sendWelcomeEmail')
  await native('PUT', '/queues/orders')
  await native('PATCH', '/queues/sendWelcomeEmail', { publicId: null })
  assert.equal(await submit(queueId), 'queue_not_found')
  await native('PATCH', '/queues/orders', { publicId: queueId })
  assert.equal(await submit(queueId), 'orders')
  assert.equal(await submit(queueId, secretOf('narrow')), 'orders')
  await native('PATCH', '/queues/orders', { publicId: null })
  await native('PUT', '/queues/emails', { publicId: queueId })
  assert.equal(await submit(queueId, secretOf('narrow')), 'not_allowed')
  assert.equal(await submit(queueId), 'emails')
  assert.equal(await submit(queueId, secretOf('narrow')), 'not_allowed')
  await native('DELETE', '/queues/emails')
  assert.equal(await submit(queueId), 'queue_not_found')
})
