import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
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

test('a message submitted by the name of its queue is one unit of work for the store', async (t) => {
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
  const { queue } = (await start(t, shop, { clock: fakeClock(), store })).client()
  await queue.submitMessage('sendWelcomeEmail', {})
  units = 0
  const { info } = await queue.submitMessage('sendWelcomeEmail', {}, 60)
  assert.equal(info?.queueId, queueId)
  assert.equal(units, 1)
})
