import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer, temporaryDirectory } from '../server/harness.ts'
import { base64, Client } from '../starqueue/harness.ts'
import { startProcess } from '../starqueue/process.ts'
import { Dms, Group, project } from './harness.ts'

const nativeOf = (url: string, account: string) => async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { 'X-Millrace-Account': account, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever was answered.
  return JSON.parse(text) as any
}

test('what is sent here is found by its id, received and settled through the native API', async (t) => {
  const { url } = await startTestServer(t)
  const dms = new Dms(url)
  const native = nativeOf(url, project)
  const queue = await dms.queue('orders', { redrive_policy: 'enable', max_consume_count: 2 })
  const group = await dms.group(queue, 'g')
  const [id] = await dms.send(queue, { body: { n: 1 }, attributes: { depot: 'west' }, tags: ['eu'] })
  const status = await native('GET', `/messages/${id}`)
  assert.deepEqual([status.id, status.queue], [id, 'orders'])
  const stored = await native('GET', `/queues/orders/messages/${id}`)
  assert.deepEqual([stored.body, stored.attributes, stored.tags], [{ n: 1 }, { depot: 'west' }, ['eu']])

  const { messages } = await native('POST', '/queues/orders/receive', { group: 'g' })
  assert.deepEqual(messages[0].body, { n: 1 })
  assert.equal((await group.numbers()).available, 0)
  const action = { do: 'release' }
  await native('POST', '/queues/orders/settle', { entries: [{ receiptHandle: messages[0].receiptHandle, action }] })
  const [again] = await group.consume()
  await native('DELETE', `/queues/orders/receipts/${again?.handler}`)
  assert.deepEqual([(await group.numbers()).consumed, (await group.numbers()).produced], [1, 1])

  await dms.ok(204, 'POST', `/queue/${queue}/tags`, { tag: { key: 'env', value: 'prod' } })
  assert.deepEqual((await native('GET', '/queues/orders')).settings.tags, { env: 'prod' })
})

test('what the native API sends is consumed here, whatever it is', async (t) => {
  const { url } = await startTestServer(t)
  const dms = new Dms(url)
  const native = nativeOf(url, project)
  await native('PUT', '/queues/q', { consumerGroups: true, receiveLimit: 1, deadLetters: 'group' })
  await native('PUT', '/queues/q/groups/all')
  await native('PUT', '/queues/q/groups/eu', { tagRule: { tags: ['eu'], match: 'any' } })
  await native('POST', '/queues/q/messages/batch', {
    messages: [
      { body: { a: 1 } },
      { text: 'Grüße' },
      { base64: 'AAE=' },
      { body: 4, tags: ['eu'], attributes: { x: 1 } },
    ],
  })
  const [queue] = (await dms.ok(200, 'GET', '/queues')).json.queues
  const { groups } = (await dms.ok(200, 'GET', `/queues/${queue.id}/groups`)).json
  const [all, eu] = groups.map(({ id }: { id: string }) => new Group(dms, queue.id, id)) as [Group, Group]
  const batch = await all.consume()
  assert.deepEqual(
    batch.map(({ message }) => message),
    [
      { body: { a: 1 }, attributes: {} },
      { body: 'Grüße', attributes: {} },
      { body: 'AAE=', attributes: {} },
      { body: 4, attributes: { x: 1 }, tags: ['eu'] },
    ],
  )
  assert.deepEqual(await eu.bodies('tag=eu'), [4])
  await all.ack([{ failed: batch[0] }])
  const dead = await native('POST', '/queues/q/receive', { group: 'all', deadLetters: true, maxMessages: 10 })
  assert.equal(dead.messages.length, 4, 'dead letters are the same through both')
})

test('StarQueue and this door share queues: its queues have one reader here, and it reads the group called default', async (t) => {
  const { url } = await startTestServer(t)
  const star = await Client.create(url)
  const dms = new Dms(url, { 'X-Auth-Token': star.token }, `/v1.0/${star.account.replaceAll('-', '')}`)
  await star.send('letters', 'hello')
  const [queue] = (await dms.ok(200, 'GET', '/queues')).json.queues
  assert.deepEqual([queue.name, queue.produced_messages, queue.group_count], ['letters', 1, 1])
  const list = await dms.ok(200, 'GET', `/queues/${queue.id}/groups`)
  assert.equal(list.json.groups[0].name, 'default')
  const reader = new Group(dms, queue.id, list.json.groups[0].id)
  await dms.send(queue.id, { from: 'here' })
  const batch = await reader.consume()
  assert.deepEqual(
    batch.map(({ message }) => message.body),
    [base64('hello'), { from: 'here' }],
  )
  assert.equal(await reader.ack([batch[0]]), '1/0')
  assert.deepEqual(await star.queues(), { letters: 1 }, 'without groups, what is acknowledged is gone')
  const refused = await dms.refused(400, 'GET', `${reader.path}/messages?tag=x`)
  assert.equal(refused, 10542204)

  const shared = await dms.queue('shared')
  await dms.group(shared, 'default')
  const audit = await dms.group(shared, 'audit')
  await dms.send(shared, 'x')
  const [received] = await star.receive('shared')
  assert.equal(received && Buffer.from(received.MessageBody, 'base64').toString(), '"x"')
  await star.delete('shared', received?.ReceiptHandle ?? '')
  await star.send('shared', 'y')
  assert.deepEqual(await star.texts('shared'), ['y'])
  assert.deepEqual(await audit.bodies(), ['x', base64('y')])
})

test('what was answered survives kill -9: messages, batches, failures, dead letters, rules, tags', async (t) => {
  const directory = temporaryDirectory(t)
  const before = await startProcess(t, directory)
  const dms = new Dms(before.url)
  const queue = await dms.queue('q', { queue_mode: 'FIFO', redrive_policy: 'enable', max_consume_count: 1 })
  const group = await dms.group(queue, 'g')
  const tagged = await dms.group(queue, 'tagged')
  await dms.send(queue, 1, 2, { body: 3, tags: ['eu'] }, 4, 5)
  const [one, two] = await group.consume('max_msgs=2&ack_wait=300')
  await group.ack([one])
  await group.ack([{ failed: two }])
  const batch = await group.consume('max_msgs=2&ack_wait=300')
  await tagged.consume('tag=eu&ack_wait=300')
  await dms.ok(204, 'POST', `/queue/${queue}/tags`, { tag: { key: 'env', value: 'prod' } })
  await before.kill()

  const { url } = await startProcess(t, directory)
  const after = new Dms(url)
  const [groupAfter, taggedAfter] = [new Group(after, queue, group.id), new Group(after, queue, tagged.id)]
  assert.equal(await groupAfter.ack([batch[0], batch[1]]), '2/0', 'handlers are good still')
  assert.deepEqual(await groupAfter.bodies('time_wait=1', 'deadletters'), [2])
  assert.deepEqual(await groupAfter.bodies(), [5])
  assert.equal(await after.refused(400, 'GET', `${taggedAfter.path}/messages?time_wait=1`), 10542204)
  assert.equal((await taggedAfter.numbers()).available, 0)
  const { tags } = (await after.ok(200, 'GET', `/queue/${queue}/tags`)).json
  assert.deepEqual(tags, [{ key: 'env', value: 'prod' }])
})
