import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Group, project, startStanding } from './harness.ts'

test('groups are made together or not at all, listed in pages, and deleted', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('orders', { redrive_policy: 'enable', max_consume_count: 1 })
  const path = `/queues/${queue}/groups`
  const names = (...all: unknown[]) => ({ groups: all.map((name) => ({ name })) })
  const made = await dms.ok(201, 'POST', path, names('billing', 'audit'))
  const [billing, audit] = made.json.groups
  assert.deepEqual([billing.name, audit.name], ['billing', 'audit'])
  assert.match(billing.id, /^g-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

  const refusals: [number, unknown][] = [
    [10240009, '{'],
    [10240009, {}],
    [10240009, { groups: [] }],
    [10240009, { groups: {} }],
    [10240009, { groups: ['x'] }],
    [10240009, names(7)],
    [10240012, { groups: [{}] }],
    [10240012, names('')],
    [10240012, names('x'.repeat(33))],
    [10240007, names('x y')],
    [10240018, names('new', 'audit')],
    [10240018, names('new', 'new')],
    [10240019, names('a', 'b')],
    [10240019, names('a', 'b', 'c', 'd')],
  ]
  for (const [code, body] of refusals) {
    assert.equal(await dms.refused(400, 'POST', path, body), code, JSON.stringify(body))
  }
  await dms.send(queue, 1, 2)
  const list = async (query: string) => (await dms.ok(200, 'GET', `${path}?${query}`)).json
  const numbers = { produced_messages: 2, consumed_messages: 0, available_messages: 2 }
  assert.deepEqual(await list(''), {
    queue_id: queue,
    queue_name: 'orders',
    groups: [
      { id: billing.id, name: 'billing', ...numbers },
      { id: audit.id, name: 'audit', ...numbers },
    ],
  })
  const none = { produced_messages: 0, consumed_messages: 0, available_messages: 0 }
  const quiet = await list('include_messages_num=False&include_deadletter=TRUE&page_size=1&current_page=2&')
  assert.deepEqual(quiet, {
    queue_id: queue,
    queue_name: 'orders',
    redrive_policy: 'enable',
    groups: [{ id: audit.id, name: 'audit', ...none, produced_deadletters: 0, available_deadletters: 0 }],
  })
  for (const query of ['page_size=1', 'current_page=2', 'page_size=0&current_page=1', 'page_size=x&current_page=1']) {
    assert.equal((await list(query)).groups.length, 2, query)
  }
  assert.equal((await list('page_size=2&current_page=2')).groups.length, 0)

  await dms.ok(204, 'DELETE', `${path}/${audit.id}`)
  assert.equal(await dms.refused(404, 'DELETE', `${path}/${audit.id}`), 10240405)
  assert.equal(await dms.refused(404, 'GET', `${path}/${audit.id}/messages?time_wait=1`), 10240405)
  const anew = await dms.group(queue, 'audit')
  assert.notEqual(anew.id, audit.id)
  assert.deepEqual(await anew.bodies(), [1, 2], 'the messages stayed')
  for (const id of ['audit', audit.id.slice(2), `x${audit.id}`]) {
    assert.equal(await dms.refused(400, 'GET', `${path}/${id}/messages`), 10240016, id)
  }
  const nobody = '6f1c0d0e-3a53-4d8e-9a41-0d6f0a6f4a11'
  assert.equal(await dms.refused(404, 'GET', `/queues/${nobody}/groups`), 10240401)
  assert.equal(await dms.refused(404, 'GET', `/queues/${nobody}/groups/g-${nobody}/messages`), 10240401)
  assert.equal(await dms.refused(404, 'POST', `${path}/g-${nobody}/ack`, { message: [{ handler: 'x' }] }), 10240405)
})

test('every group sees every message, a later one too, and acknowledging deletes nothing', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const early = await dms.group(queue, 'early')
  await dms.send(queue, 'a', 'b')
  const got = await early.consume()
  assert.equal(await early.ack(got), '2/0')
  assert.deepEqual(await early.numbers(), {
    produced: 2,
    consumed: 2,
    available: 0,
    produced_deadletters: 0,
    available_deadletters: 0,
  })
  assert.equal((await dms.ok(200, 'GET', `/queues/${queue}`)).json.produced_messages, 2)
  const late = await dms.group(queue, 'late')
  assert.equal((await late.numbers()).available, 2)
  await dms.send(queue, 'c')
  assert.deepEqual(await late.bodies(), ['a', 'b', 'c'])
  assert.deepEqual(await early.bodies(), ['c'])
  assert.deepEqual([(await late.numbers()).available, (await late.numbers()).consumed], [0, 0], 'in flight is neither')
})

test('a group of a thousand older messages counts them from the start', async (t) => {
  const { dms } = await startStanding(t)
  const queue = await dms.queue('q')
  for (let sent = 0; sent < 1200; sent += 10) await dms.send(queue, ...Array.from({ length: 10 }, (_, i) => sent + i))
  const group = await dms.group(queue, 'g')
  assert.equal((await group.numbers()).available, 1200)
  assert.deepEqual(await group.bodies('max_msgs=2'), [0, 1])
})

test('a purge through another door leaves the groups what they are called here', async (t) => {
  const { server, dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  await dms.send(queue, 'gone')
  const headers = { 'X-Millrace-Account': project }
  await fetch(`${server.url}/api/v1/queues/q/purge`, { method: 'POST', headers })
  await dms.send(queue, 'here')
  assert.deepEqual(await group.bodies(), ['here'])

  await fetch(`${server.url}/api/v1/queues/q/groups/native`, { method: 'PUT', headers })
  const { groups } = (await dms.ok(200, 'GET', `/queues/${queue}/groups`)).json
  const native = new Group(dms, queue, groups.find(({ name }: { name: string }) => name === 'native').id)
  assert.deepEqual(await native.bodies(), ['here'])
})
