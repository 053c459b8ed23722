// Requests as the clients send them that cannot be installed here: methods, headers, spellings and orders are theirs.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { accountNamed, secretOf } from '../server/harness.ts'
import { Dms, Group, project, type Received, startStanding } from './harness.ts'
import { sign } from './signer.ts'

test('the SDK for Python of Open Telekom Cloud consumes until there is nothing, and acknowledges at once', async (t) => {
  const { server, waitFor } = await startStanding(t)
  const dms = new Dms(server.url, { Accept: 'application/json', 'X-Auth-Token': 'x', 'User-Agent': 'openstacksdk/1.0' })
  const queue = await dms.queue('test-queue', { queue_mode: 'NORMAL', description: 'test' })
  const listed = await dms.ok(200, 'GET', '/queues?include_deadletter=True')
  assert.equal(typeof listed.json.queues[0].created, 'number')
  const byName = await dms.call('GET', '/queues/test-queue')
  assert.ok(byName.status >= 400 && byName.status < 500, 'then it looks through the list')
  const made = await dms.call('POST', `/queues/${queue}/groups`, { groups: [{ name: 'g' }] })
  const group = new Group(dms, queue, made.json.groups[0].id)
  for (let sent = 0; sent < 12; sent += 4) {
    const messages = Array.from({ length: 4 }, (_, index) => ({ body: `m${sent + index}`, attributes: { a: 1 } }))
    const { json } = await dms.ok(201, 'POST', `/queues/${queue}/messages`, { messages, returnId: true })
    assert.equal(json.messages.length, 4)
  }
  const seen: Received[] = []
  for (;;) {
    const polling = group.consume('&max_msgs=5&time_wait=1')
    const batch: readonly Received[] = seen.length < 12 ? await polling : await waitFor(1, polling)
    if (batch.length === 0) break
    seen.push(...batch)
  }
  assert.equal(seen.length, 12)
  const asInItsExample = { message: [{ handler: { handler: seen[0]?.handler }, status: 'success' }] }
  assert.equal(await dms.refused(400, 'POST', `${group.path}/ack`, asInItsExample), 10540001)
  assert.equal(await group.ack(seen), '12/0')
  await dms.ok(204, 'DELETE', `/queues/${queue}/groups/${group.id}`)
  assert.equal((await dms.call('DELETE', `/queues/${queue}`, '')).status, 204)
  assert.equal((await dms.call('DELETE', `/queues/${queue}`, '')).status, 404, 'taken for done')
})

test('the Ansible collection makes queues of every mode and uses them at once', async (t) => {
  const { dms } = await startStanding(t)
  for (const queue_mode of ['NORMAL', 'FIFO', 'KAFKA_HA', 'KAFKA_HT']) {
    const retention = queue_mode.startsWith('KAFKA') ? { retention_hours: 24 } : {}
    const id = await dms.queue(queue_mode, { queue_mode, redrive_policy: 'disable', ...retention })
    await dms.group(id, 'g')
    await dms.send(id, 'x')
  }
})

test('the provider for Terraform looks before and after, with numbers for times', async (t) => {
  const { server } = await startStanding(t)
  const dms = new Dms(server.url, { Accept: 'application/json' })
  const id = await dms.queue('tf', {
    description: '',
    queue_mode: 'FIFO',
    redrive_policy: 'enable',
    max_consume_count: 80,
  })
  const { json } = await dms.ok(200, 'GET', `/queues/${id}?include_deadletter=true`)
  assert.deepEqual([json.redrive_policy, json.max_consume_count, json.reservation], ['enable', 80, 4320])
  assert.ok(Number.isInteger(json.created))
  assert.equal((await dms.ok(200, 'GET', '/queues?include_deadletter=false')).json.queues[0].redrive_policy, undefined)
  const group = await dms.group(id, 'tf-group')
  await dms.ok(200, 'GET', `/queues/${id}/groups?include_deadletter=false`)
  await dms.ok(204, 'DELETE', group.path)
  await dms.ok(200, 'GET', `/queues/${id}?include_deadletter=false`)
  await dms.ok(204, 'DELETE', `/queues/${id}`)
})

test('the SDK for Java makes three groups at once and expects a bare array', async (t) => {
  const { dms, waitFor } = await startStanding(t)
  const id = await dms.queue('java')
  const groups = ['a', 'b', 'c'].map((name) => ({ name }))
  const { json } = await dms.ok(201, 'POST', `/queues/${id}/groups`, { groups })
  assert.deepEqual(
    json.groups.map(({ name }: { name: string }) => name),
    ['a', 'b', 'c'],
  )
  const path = `/queues/${id}/groups/${json.groups[0].id}`
  const empty = await waitFor(3, dms.ok(200, 'GET', `${path}/messages?max_msgs=5&time_wait=3`))
  assert.equal(empty.text, '[]')
  const shown = await dms.ok(200, 'GET', `/queues/${id}/groups?include_deadletter=true&page_size=2&current_page=1`)
  assert.equal(shown.json.groups.length, 2)
})

test('the SDK for Python of Huawei Cloud signs these headers, and escapes what is not ASCII', async (t) => {
  const { server, clock } = await startStanding(t, { accounts: [accountNamed(project)] })
  const dms = new Dms(server.url, {}, `/v2/${project}`)
  const call = (method: string, path: string, body = '') => {
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': 'huaweicloud-usdk-python/3.0',
      'X-Project-Id': project,
    }
    const signed = ['content-type', 'host', 'user-agent', 'x-project-id', 'x-sdk-date']
    const signing = { accessKey: project, secret: secretOf(project), at: new Date(clock.now()), signed }
    const all = sign(method, dms.base + path, body, headers, signing)
    return dms.call(method, path, body === '' ? undefined : body, { headers: all })
  }
  const queue = (await call('POST', '/queues', '{"name": "py"}')).json.id
  const group = (await call('POST', `/queues/${queue}/groups`, '{"groups": [{"name": "g"}]}')).json.groups[0].id
  const escaped = '{"messages": [{"body": "\\u4f60\\u597d", "tags": ["a"], "delay_time": 0}], "return_id": false}'
  assert.equal((await call('POST', `/queues/${queue}/messages`, escaped)).status, 201)
  const path = `/queues/${queue}/groups/${group}/messages?max_msgs=1&time_wait=60&ack_wait=300&tag=a&tag_type=or`
  const { json } = await call('GET', path)
  assert.deepEqual(json[0].message, { body: '你好', attributes: {}, tags: ['a'] })
})

test('whatever bytes come, the answer is a refusal of this form, and the server goes on', async (t) => {
  const { server, dms } = await startStanding(t)
  const queue = await dms.queue('q')
  const group = await dms.group(queue, 'g')
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const bodies = [
    '\u0000',
    `{"action":"filter","limit":${deep}}`,
    `{"message":[{"handler":"x","status":${deep}}]}`,
    '{"messages":'.repeat(2000),
    '['.repeat(100_000),
    `{"messages":[{"body":${'['.repeat(999)}${']'.repeat(999)}}]}`,
    '{"message":[{"handler":"\\ud800"}]}',
    '{"__proto__":{"messages":[]}}',
    '{"message":{"length":1}}',
    Buffer.from([0xff, 0xfe, 0x00]),
  ]
  const search = '/queue/resource_instances/action'
  for (const path of [`/queues/${queue}/messages`, `${group.path}/ack`, '/queues', `/queues/${queue}/groups`, search]) {
    for (const body of bodies) {
      const { status } = await dms.call('POST', path, body)
      assert.ok(status === 400 || status === 201, `${path}: ${status}`)
    }
  }
  const { port } = new URL(server.url)
  const half = connect(Number(port), '127.0.0.1')
  half.write(`POST /v1.0/${project}/queues HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"name"`)
  await new Promise((resolve) => half.once('connect', resolve))
  half.destroy()
  assert.equal((await dms.ok(200, 'GET', '/queues')).json.total, 1)
})
