import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../server/harness.ts'
import { Dms, project, startStanding } from './harness.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

test('queues of the four modes are made, shown, listed and deleted', async (t) => {
  const { dms, clock } = await startStanding(t)
  const normal = await dms.queue('orders', { redrive_policy: 'enable', max_consume_count: 3, description: 'Grüße' })
  const fifo = await dms.queue('fifo', { queue_mode: 'FIFO', redrive_policy: null, unknown: 1 })
  const made = await dms.ok(201, 'POST', '/queues', {
    name: 'clicks',
    queue_mode: 'KAFKA_HT',
    retention_hours: 12,
    redrive_policy: 'disable',
  })
  const clicks = made.json.id
  assert.deepEqual(made.json, { id: clicks, name: 'clicks', kafka_topic: `k-${project}-${clicks}` })
  const ha = await dms.queue('ha', { queue_mode: 'KAFKA_HA', redrive_policy: 'enable' })
  for (const id of [normal, fifo, clicks, ha]) assert.match(id, uuid)

  const at = clock.now()
  const common = { description: '', created: at, eff_date: at, max_msg_size_byte: 524_288, produced_messages: 0 }
  const expected = { id: normal, name: 'orders', queue_mode: 'NORMAL', reservation: 4320, group_count: 0 }
  const shown = await dms.ok(200, 'GET', `/queues/${normal}?include_deadletter=true`)
  assert.deepEqual(shown.json, {
    ...common,
    ...expected,
    description: 'Grüße',
    redrive_policy: 'enable',
    max_consume_count: 3,
  })
  const kafka = await dms.ok(200, 'GET', `/queues/${clicks}?include_deadletter=true`)
  assert.deepEqual(kafka.json, {
    ...common,
    id: clicks,
    name: 'clicks',
    queue_mode: 'KAFKA_HT',
    reservation: 720,
    group_count: 0,
    kafka_topic: `k-${project}-${clicks}`,
  })
  const list = await dms.ok(200, 'GET', '/queues?&include_deadletter=True')
  assert.equal(list.json.total, 4)
  type Shown = { name: string; queue_mode: string; reservation: number; redrive_policy?: string }
  assert.deepEqual(
    list.json.queues.map(({ name, queue_mode, reservation, redrive_policy }: Shown) => [
      name,
      queue_mode,
      reservation,
      redrive_policy,
    ]),
    [
      ['clicks', 'KAFKA_HT', 720, undefined],
      ['fifo', 'FIFO', 4320, 'disable'],
      ['ha', 'KAFKA_HA', 4320, undefined],
      ['orders', 'NORMAL', 4320, 'enable'],
    ],
  )
  assert.equal('redrive_policy' in (await dms.ok(200, 'GET', `/queues/${fifo}?include_deadletter=`)).json, false)

  await dms.send(normal, 'x')
  await dms.ok(204, 'DELETE', `/queues/${normal}`)
  assert.equal(await dms.refused(404, 'DELETE', `/queues/${normal}`), 10240401)
  assert.equal(await dms.refused(404, 'GET', `/queues/${normal}`), 10240401)
  assert.equal(await dms.refused(404, 'POST', `/queues/${normal}/messages`, { messages: [{ body: 1 }] }), 10240401)
  const again = await dms.queue('orders')
  assert.notEqual(again, normal)
  assert.equal((await dms.ok(200, 'GET', `/queues/${again}`)).json.produced_messages, 0)
})

test('what cannot be a queue is refused with the code that says why', async (t) => {
  const { dms } = await startStanding(t)
  await dms.queue('taken')
  const cases: [number, unknown][] = [
    [10240009, '{"name":'],
    [10240009, '[]'],
    [10240009, ''],
    [10240011, {}],
    [10240011, { name: null }],
    [10240011, { name: '' }],
    [10240011, { name: 'x'.repeat(65) }],
    [10240007, { name: 'a b' }],
    [10240007, { name: 'ü' }],
    [10240009, { name: 7 }],
    [10240017, { name: 'taken' }],
    [10240009, { name: 'q', queue_mode: 'fifo' }],
    [10240009, { name: 'q', redrive_policy: 'yes' }],
    [10240022, { name: 'q', redrive_policy: 'enable' }],
    [10240022, { name: 'q', redrive_policy: 'enable', max_consume_count: 0 }],
    [10240022, { name: 'q', redrive_policy: 'enable', max_consume_count: 101 }],
    [10240022, { name: 'q', redrive_policy: 'enable', max_consume_count: '3' }],
    [10240028, { name: 'q', retention_hours: 12 }],
    [10240028, { name: 'q', queue_mode: 'FIFO', retention_hours: 72 }],
    [10240027, { name: 'q', queue_mode: 'KAFKA_HA', retention_hours: 73 }],
    [10240027, { name: 'q', queue_mode: 'KAFKA_HA', retention_hours: 0 }],
    [10240027, { name: 'q', queue_mode: 'KAFKA_HA', retention_hours: 1.5 }],
    [10240013, { name: 'q', description: 'x'.repeat(161) }],
    [10240010, { name: 'q', description: 'a<b' }],
    [10240009, { name: 'q', description: {} }],
  ]
  for (const [code, body] of cases) {
    assert.equal(await dms.refused(400, 'POST', '/queues', body), code, JSON.stringify(body))
  }
  for (const id of ['orders', '00000000', `${project}`]) {
    assert.equal(await dms.refused(400, 'GET', `/queues/${id}`), 10240015, id)
  }
  assert.equal(await dms.refused(404, 'GET', '/queues/6f1c0d0e-3a53-4d8e-9a41-0d6f0a6f4a11'), 10240401)
  assert.equal((await dms.ok(200, 'GET', '/queues')).json.total, 1)
  await dms.queue('x'.repeat(64), { description: 'x'.repeat(160) })
})

test('paths that are none are refused in this form, whatever the method', async (t) => {
  const { server, dms } = await startStanding(t)
  for (const path of ['/', '/nothing', '/queues/x/y', '/%', '/queue']) {
    assert.equal(await dms.refused(404, 'GET', path), 10240406, path)
  }
  for (const method of ['PUT', 'PATCH', 'OPTIONS']) assert.equal(await dms.refused(404, method, '/queues'), 10240406)
  assert.equal(await dms.refused(404, 'DELETE', '/queues'), 10240406)
  for (const prefix of ['/v1.0', '/v1.0/', `/v2/${project}`]) {
    assert.equal(await new Dms(server.url, {}, prefix).refused(404, 'GET', ''), 10240406, prefix)
  }
  for (const name of ['xyz', project.slice(1), `${project}0`, `${project.slice(1)}g`, 'default']) {
    assert.equal(await new Dms(server.url, {}, `/v1.0/${name}`).refused(400, 'GET', '/queues'), 10240005, name)
  }
  assert.equal((await dms.call('GET', '/queues/')).status, 200, 'a slash at the end is nothing')
})

test('projects do not see each other', async (t) => {
  const { server, dms } = await startStanding(t)
  const id = await dms.queue('q')
  const other = new Dms(server.url, {}, `/v1.0/${'f'.repeat(32)}`)
  assert.equal((await other.ok(200, 'GET', '/queues')).json.total, 0)
  assert.equal(await other.refused(404, 'GET', `/queues/${id}`), 10240401)
  assert.equal(await other.refused(404, 'DELETE', `/queues/${id}`), 10240401)
})

test('a project has a quota of queues, which can be configured', async (t) => {
  const { dms } = await startStanding(t, { dms: { maxQueues: 2 } })
  const quota = async (path: string) => (await dms.ok(200, 'GET', path)).json
  await dms.queue('a')
  assert.deepEqual(await quota('/quotas/dms'), {
    quotas: { resources: [{ type: 'queue', quota: 2, used: 1, min: 0, max: 500 }] },
  })
  const id = await dms.queue('b')
  assert.equal(await dms.refused(400, 'POST', '/queues', { name: 'c' }), 10240020)
  assert.equal((await quota('/quotas')).quotas.resources[0].used, 2)
  await dms.ok(204, 'DELETE', `/queues/${id}`)
  const both = await Promise.all(['c', 'd'].map((name) => dms.call('POST', '/queues', { name })))
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 400], 'of two at once, one is too many')
})

test('the quota is 30 where nothing else is said', async (t) => {
  const { dms } = await startStanding(t)
  for (let made = 0; made < 30; made++) await dms.queue(`q${made}`)
  assert.equal(await dms.refused(400, 'POST', '/queues', { name: 'more' }), 10240020)
})

test('everything is served under /v2 too, in its own spelling', async (t) => {
  const { server, dms } = await startStanding(t)
  const v2 = new Dms(server.url, {}, `/v2/${project}`)
  const id = await v2.queue('q')
  assert.equal((await dms.ok(200, 'GET', `/queues/${id}`)).json.name, 'q')
  const group = await v2.group(id, 'g')
  const body = { messages: [{ body: 1, delay_time: 6000.9 }, { body: 2 }], return_id: true }
  const { json } = await v2.ok(201, 'POST', `/queues/${id}/messages`, body)
  assert.ok(json.messages.every((message: { id: string }) => message.id !== ''))
  assert.deepEqual(await group.bodies(), [2])
  assert.equal((await v2.ok(200, 'GET', '/quotas')).json.quotas.resources[0].used, 1)
})

test('a queue of any mode that was made elsewhere is what it comes closest to', async (t) => {
  const server = await startTestServer(t)
  const dms = new Dms(server.url)
  const native = (method: string, path: string, body: object) =>
    fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { 'X-Millrace-Account': project, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  await native('PUT', '/queues/grouped', { consumerGroups: true, ordering: 'grouped', retentionMs: null })
  await native('PUT', '/queues/plain', { description: 'p', receiveLimit: 5 })
  await native('POST', '/queues/virtual/messages', {})
  const { queues } = (await dms.ok(200, 'GET', '/queues?include_deadletter=1')).json
  assert.deepEqual(
    queues.map((queue: Record<string, unknown>) => [
      queue.name,
      queue.queue_mode,
      queue.reservation,
      queue.group_count,
      queue.max_consume_count,
    ]),
    [
      ['grouped', 'FIFO', 0, 0, undefined],
      ['plain', 'NORMAL', 20_160, 1, 5],
      ['virtual', 'NORMAL', 20_160, 1, undefined],
    ],
  )
  assert.equal(await dms.refused(400, 'POST', '/queues', { name: 'virtual' }), 10240017)
  assert.equal(await dms.refused(400, 'POST', `/queues/${queues[1].id}/groups`, { groups: [{ name: 'g' }] }), 10240019)
})
