// What v1.1 and v2 do otherwise than v1, and what both have beside it.

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { accountNamed, tokenOf } from '../server/harness.ts'
import { alice, bob, bodies, caller, claimOf, expecting, idOf, startStanding } from './harness.ts'

const post = (...bodies: unknown[]) => ({ body: { messages: bodies.map((body) => ({ ttl: 300, body })) } })
const titleOf = (name: string) => ({ title: 'Invalid request body', description: `Missing "${name}" field.` })

const reservedKeys = {
  _max_messages_post_size: 262_144,
  _default_message_ttl: 3600,
  _default_message_delay: 0,
  _dead_letter_queue: null,
  _dead_letter_queue_messages_ttl: null,
  _max_claim_count: null,
  _enable_encrypt_messages: false,
}

for (const base of ['/v1.1', '/v2']) {
  suite(base, () => {
    test('project and client have to be named', async (t) => {
      const { ask } = await startStanding(t)
      assert.deepEqual((await ask(400, 'GET', `${base}/queues`, { project: null })).json, {
        title: 'Project-Id Missing',
        description: 'The header X-PROJECT-ID was missing',
      })
      for (const [method, path] of [
        ['GET', '/queues'],
        ['PUT', '/queues/q'],
        ['DELETE', '/queues/q/messages/x'],
        ['POST', '/queues/q/claims'],
      ] as const) {
        const { json } = await ask(400, method, base + path, { client: null, headers: { 'User-Agent': alice } })
        assert.equal(json.title, 'Missing header value')
        await ask(400, method, base + path, { client: 'x' })
      }
    })

    test('nothing there is an empty list, and a queue’s metadata come with it', async (t) => {
      const { ask } = await startStanding(t)
      const filled = base === '/v2' ? reservedKeys : {}
      assert.deepEqual((await ask(200, 'GET', `${base}/queues`)).json, { queues: [], links: [] })
      assert.deepEqual((await ask(200, 'GET', `${base}/queues/q/messages`)).json, { messages: [], links: [] })
      assert.deepEqual((await ask(200, 'GET', `${base}/queues/q`)).json, filled)
      const none = { messages: { claimed: 0, free: 0, total: 0 } }
      assert.deepEqual((await ask(200, 'GET', `${base}/queues/q/stats`)).json, none)
      await ask(204, 'POST', `${base}/queues/q/claims`)
      assert.deepEqual((await ask(200, 'DELETE', `${base}/queues/q/messages?pop=3`)).json, { messages: [] })

      const made = await ask(201, 'PUT', `${base}/queues/q`, { raw: '{"n":1.0,"_mine":"x"}' })
      assert.equal(made.headers.get('location'), `${base}/queues/q`)
      await ask(204, 'PUT', `${base}/queues/q`, { body: { other: true } })
      const got = await ask(200, 'GET', `${base}/queues/q`)
      assert.ok(got.text.startsWith('{"n":1.0,"_mine":"x"'))
      assert.deepEqual(got.json, { n: 1, _mine: 'x', ...filled })
      assert.equal(got.headers.get('content-location'), null)
      const listed = (await ask(200, 'GET', `${base}/queues?detailed=True`)).json
      assert.deepEqual(listed.queues, [{ name: 'q', href: `${base}/queues/q`, metadata: got.json }])
      assert.deepEqual((await ask(200, 'GET', listed.links[0].href)).json, { queues: [], links: [] })
      for (const raw of ['[]', '7', '{']) await ask(400, 'PUT', `${base}/queues/r`, { raw })
      await ask(404, 'GET', '/v1/queues/r', { project: 'project' })
    })

    test('messages are posted, to a queue that is made if need be, listed, read, popped', async (t) => {
      const { ask, advance } = await startStanding(t)
      const messages = `${base}/queues/q/messages`
      const { json, headers } = await ask(201, 'POST', messages, {
        body: { messages: [{ body: 'a' }, { body: 'b', ttl: 60 }] },
      })
      assert.deepEqual(Object.keys(json), ['resources'])
      await advance(5)
      const ids = json.resources.map(idOf)
      assert.deepEqual((await ask(200, 'GET', headers.get('location') ?? '')).json, {
        messages: [
          { id: ids[0], href: json.resources[0], ttl: 3600, age: 5, body: 'a' },
          { id: ids[1], href: json.resources[1], ttl: 60, age: 5, body: 'b' },
        ],
      })
      assert.equal((await ask(200, 'GET', json.resources[0])).json.id, ids[0])
      await ask(404, 'GET', `${messages}/x`)
      await ask(404, 'GET', `${messages}?ids=x,51db6f78c508f17ddc924357`)
      assert.deepEqual((await ask(200, 'GET', messages)).json.messages, [])
      const page = (await ask(200, 'GET', messages, { client: bob })).json
      assert.deepEqual(bodies(page.messages), ['a', 'b'])
      assert.deepEqual((await ask(200, 'GET', page.links[0].href, { client: bob })).json, { messages: [], links: [] })
      assert.deepEqual(bodies((await ask(200, 'GET', `${messages}?marker=${ids[0]}`, { client: bob })).json.messages), [
        'b',
      ])

      const claim = (await ask(201, 'POST', `${base}/queues/q/claims?limit=1`)).json.messages[0]
      assert.deepEqual((await ask(200, 'DELETE', `${messages}?pop=20`)).json, {
        messages: [{ id: ids[1], ttl: 60, age: 5, body: 'b', claim_id: null, claim_count: 0 }],
      })
      for (const query of ['?pop=0', '?pop=21', '?pop=x', '', '?pop=1&ids=x'])
        await ask(400, 'DELETE', messages + query)
      const listed = (await ask(200, 'GET', `${messages}?echo=true&include_claimed=true`)).json.messages
      assert.equal(claimOf(listed[0].href), claimOf(claim.href))
      await ask(403, 'DELETE', json.resources[0])
      await ask(204, 'DELETE', claim.href)
    })

    test('posts are checked', async (t) => {
      const { ask } = await startStanding(t)
      const messages = `${base}/queues/q/messages`
      assert.deepEqual((await ask(400, 'POST', messages, { body: {} })).json, titleOf('messages'))
      assert.deepEqual((await ask(400, 'POST', messages, { body: { messages: [{}] } })).json, titleOf('body'))
      for (const body of [
        [],
        7,
        { messages: {} },
        { messages: [] },
        { messages: [7] },
        post(...Array(21).keys()).body,
      ]) {
        await ask(400, 'POST', messages, { body })
      }
      await ask(201, 'POST', messages, post(...Array(20).keys()))
      const of = (bytes: number) => `{"messages":[{"body":"${'x'.repeat(bytes - 26)}"}]} `
      await ask(201, 'POST', messages, { raw: of(262_144).slice(0, -1) + ' '.repeat(0) })
      await ask(400, 'POST', messages, { raw: `${of(262_144)}` })
    })

    test('claims have terms of their own unless told', async (t) => {
      const { ask, advance } = await startStanding(t)
      await ask(201, 'POST', `${base}/queues/q/messages`, { body: { messages: [{ body: 1, ttl: 60 }, { body: 2 }] } })
      const claims = `${base}/queues/q/claims`
      const nulls = { body: { ttl: null, grace: null } }
      const { json, headers } = await ask(201, 'POST', `${claims}?limit=1`, nulls)
      const claim = headers.get('location') ?? ''
      assert.equal(json.messages[0].ttl, 360)
      assert.deepEqual(Object.keys(json.messages[0]), ['id', 'href', 'ttl', 'age', 'body'])
      assert.equal((await ask(200, 'GET', claim)).json.ttl, 300)
      await advance(100)
      await ask(204, 'PATCH', claim)
      assert.equal((await ask(200, 'GET', claim)).json.age, 0)
      await ask(204, 'PATCH', claim, { body: { ttl: 60 } })
      assert.equal((await ask(200, 'GET', claim)).json.ttl, 60)
      for (const body of [{ ttl: 59 }, { ttl: '60' }, { grace: 59 }, []]) await ask(400, 'POST', claims, { body })
      await ask(204, 'DELETE', claim)
      assert.deepEqual(bodies((await ask(201, 'POST', claims)).json.messages), [1, 2])
    })

    test('health is a report', async (t) => {
      const { ask } = await startStanding(t)
      await ask(201, 'POST', `${base}/queues/q/messages`, post(1, 2))
      await ask(201, 'POST', `${base}/queues/q/claims?limit=1`)
      const { json } = await ask(200, 'GET', `${base}/health`)
      assert.deepEqual(json.message_volume, { free: 1, claimed: 1, total: 2 })
      assert.equal(json.storage_reachable, true)
    })
  })
}

test('queues, messages and claims are the same in every version', async (t) => {
  const { ask } = await startStanding(t)
  await ask(201, 'POST', '/v1.1/p/queues/q/messages', { ...post('one'), project: null })
  await ask(204, 'GET', '/v1/p/queues/q')
  await ask(201, 'POST', '/v1/p/queues/q/messages', { body: [{ ttl: 60, body: 'two' }] })
  const claim = await ask(201, 'POST', '/v2/queues/q/claims', { project: 'p' })
  assert.deepEqual(bodies(claim.json.messages), ['one', 'two'])
  const href = (claim.headers.get('location') ?? '').replace('/v2/', '/v1/p/')
  assert.deepEqual(bodies((await ask(200, 'GET', href)).json.messages), ['one', 'two'])
})

test('v2: metadata are changed key by key, and reserved ones are settings of the queue', async (t) => {
  const { ask, server } = await startStanding(t)
  const type = { 'Content-Type': 'application/openstack-messaging-v2.0-json-patch' }
  const patch = (status: number, raw: unknown, headers: Record<string, string> = type) =>
    ask(status, 'PATCH', '/v2/queues/q', { raw: typeof raw === 'string' ? raw : JSON.stringify(raw), headers })
  await patch(404, [])
  await ask(201, 'PUT', '/v2/queues/q', { body: { a: 1, b: 2, _default_message_ttl: 120 } })
  assert.equal(
    (await patch(415, [], { 'Content-Type': 'application/json' })).json.title.includes(type['Content-Type']),
    true,
  )
  const changed = await patch(
    200,
    '[{"op":"add","path":"/metadata/n","value":12345678901234567.0},{"op":"replace","path":"/metadata/a","value":{"x":[]}},' +
      '{"op":"remove","path":"/metadata/b"},{"op":"replace","path":"/metadata/_default_message_delay","value":30},' +
      '{"op":"add","path":"/metadata/a~1~0","value":null},{"op":"remove","path":"/metadata/_max_claim_count"}]',
  )
  assert.ok(changed.text.includes('"n":12345678901234567.0'))
  const expected = { a: { x: [] }, n: Number('12345678901234567'), 'a/~': null }
  const { _default_message_delay, ...rest } = changed.json
  assert.equal(_default_message_delay, 30)
  const { _default_message_delay: _standard, ...others } = reservedKeys
  assert.deepEqual(rest, { ...expected, ...others, _default_message_ttl: 120 })
  assert.deepEqual((await ask(200, 'GET', '/v1/queues/q/metadata', { project: 'project' })).json, {
    ...expected,
    _default_message_ttl: 120,
    _default_message_delay: 30,
  })
  const native = await fetch(`${server.url}/api/v1/queues/q`, { headers: { 'X-Millrace-Account': 'project' } })
  const { settings } = (await native.json()) as { settings: Record<string, unknown> }
  assert.deepEqual([settings.retentionMs, settings.delayMs], [120_000, 30_000])

  for (const [status, change] of [
    [409, { op: 'replace', path: '/metadata/none', value: 1 }],
    [409, { op: 'remove', path: '/metadata/none' }],
    [400, { op: 'test', path: '/metadata/a', value: 1 }],
    [400, { op: 'add', path: '/metadata/a' }],
    [400, { op: 'add', path: 'metadata/a', value: 1 }],
    [400, { op: 'add', path: '/metadata', value: 1 }],
    [400, { op: 'add', path: '/metadata/a/b', value: 1 }],
    [400, { op: 'add', path: '/other/a', value: 1 }],
    [400, { op: 'add', path: '/metadata/a~2', value: 1 }],
    [400, { op: 'add', value: 1 }],
    [400, 7],
    [400, { op: 'replace', path: '/metadata/_default_message_ttl', value: 59 }],
    [400, { op: 'replace', path: '/metadata/_default_message_ttl', value: 60.5 }],
    [400, { op: 'replace', path: '/metadata/_default_message_delay', value: 901 }],
    [400, { op: 'replace', path: '/metadata/_max_messages_post_size', value: 262_145 }],
    [400, { op: 'replace', path: '/metadata/_max_claim_count', value: 'x' }],
    [400, { op: 'replace', path: '/metadata/_dead_letter_queue', value: 'a b' }],
    [400, { op: 'replace', path: '/metadata/_dead_letter_queue_messages_ttl', value: 59 }],
    [400, { op: 'replace', path: '/metadata/_enable_encrypt_messages', value: 1 }],
    [400, { op: 'replace', path: '/metadata/_retry_policy', value: 1.0 }],
    [400, { op: 'add', path: '/metadata/large', value: 'x'.repeat(65_536) }],
  ] as const) {
    await patch(status, [change])
  }
  for (const raw of ['', '{}', '7', '[']) await patch(400, raw)
  assert.deepEqual((await ask(200, 'GET', '/v2/queues/q')).json, changed.json, 'nothing has changed')
  await patch(200, [{ op: 'remove', path: '/metadata/_default_message_ttl' }])
  assert.equal((await ask(200, 'GET', '/v2/queues/q')).json._default_message_ttl, 3600)
})

test('v2: queues are found by name, by metadata, and counted', async (t) => {
  const { ask } = await startStanding(t)
  for (const [name, metadata] of Object.entries({ a: { colour: 'red' }, b: { colour: 'red', size: 7 }, c: {} })) {
    await ask(201, 'PUT', `/v2/queues/${name}`, { body: metadata })
  }
  const names = async (query: string) => {
    const { json } = await ask(200, 'GET', `/v2/queues?${query}`)
    return [json.queues.map(({ name }: { name: string }) => name), json.count]
  }
  assert.deepEqual(await names('with_count=true&limit=1'), [['a'], 3])
  assert.deepEqual(await names('name=b'), [['b'], undefined])
  assert.deepEqual(await names('name=x'), [[], undefined])
  assert.deepEqual(await names('colour=red'), [['a', 'b'], undefined])
  assert.deepEqual(await names('colour=red&size=7'), [['b'], undefined])
  assert.deepEqual(await names('_default_message_ttl=3600'), [['a', 'b', 'c'], undefined])
  const first = (await ask(200, 'GET', '/v2/queues?colour=red&limit=1')).json
  assert.deepEqual((await ask(200, 'GET', first.links[0].href)).json.queues[0].name, 'b')
})

test('v2: what a queue says counts for its posts', async (t) => {
  const { ask, advance } = await startStanding(t)
  await ask(201, 'PUT', '/v2/queues/q', { body: { _default_message_ttl: 90, _max_messages_post_size: 100 } })
  await ask(201, 'POST', '/v2/queues/q/messages', { body: { messages: [{ body: 1 }, { body: 2, ttl: 60 }] } })
  const { messages } = (await ask(200, 'GET', '/v2/queues/q/messages?echo=true')).json
  assert.deepEqual(
    messages.map(({ ttl }: { ttl: number }) => ttl),
    [90, 60],
  )
  await ask(400, 'POST', '/v2/queues/q/messages', post('x'.repeat(100)))

  await ask(201, 'PUT', '/v2/queues/d', { body: { _default_message_delay: 30 } })
  const delayed = { messages: [{ body: 'queue’s' }, { body: 'own', delay: 60 }, { body: 'none', delay: 0 }] }
  const { json } = await ask(201, 'POST', '/v2/queues/d/messages', { body: delayed })
  for (const delay of [-1, 901, '1', 1.5]) {
    await ask(400, 'POST', '/v2/queues/d/messages', { body: { messages: [{ body: 1, delay }] } })
  }
  const visible = async (more = '') =>
    bodies((await ask(200, 'GET', `/v2/queues/d/messages?echo=true${more}`)).json.messages)
  assert.deepEqual(await visible(), ['none'])
  assert.deepEqual(await visible('&include_delayed=true'), ['queue’s', 'own', 'none'])
  assert.equal((await ask(200, 'GET', json.resources[1])).json.body, 'own')
  assert.equal((await ask(200, 'GET', '/v2/queues/d/stats')).json.messages.free, 3)
  assert.deepEqual(bodies((await ask(201, 'POST', '/v2/queues/d/claims')).json.messages), ['none'])
  await advance(30)
  assert.deepEqual(await visible(), ['queue’s'])
  await advance(30)
  assert.deepEqual(await visible(), ['queue’s', 'own'])
  await ask(201, 'POST', '/v2/queues/q/messages', { body: { messages: [{ body: 'at once', delay: 60 }] } })
  assert.equal((await ask(200, 'GET', '/v2/queues/q/messages?echo=true')).json.messages.at(-1).body, 'at once')
})

test('v2: what has been claimed too often goes to the dead letter queue', async (t) => {
  const { ask, advance } = await startStanding(t)
  const limits = { _max_claim_count: 2, _dead_letter_queue: 'dead', _dead_letter_queue_messages_ttl: 500 }
  await ask(201, 'PUT', '/v2/queues/q', { body: limits })
  const { json } = await ask(201, 'POST', '/v2/queues/q/messages', post('poison'))
  for (let time = 0; time < 2; time++) {
    const { headers } = await ask(201, 'POST', '/v2/queues/q/claims')
    await ask(204, 'DELETE', headers.get('location') ?? '')
    assert.equal((await ask(200, 'GET', '/v2/queues/q/stats')).json.messages.free, 1)
  }
  await advance(40)
  await ask(204, 'POST', '/v2/queues/q/claims')
  const [dead] = (await ask(200, 'GET', '/v2/queues/dead/messages?echo=true')).json.messages
  assert.deepEqual([dead.id, dead.body, dead.age, dead.ttl], [idOf(json.resources[0]), 'poison', 40, 540])
  for (let time = 0; time < 4; time++) {
    const { headers } = await ask(201, 'POST', '/v2/queues/dead/claims')
    await ask(204, 'DELETE', headers.get('location') ?? '')
  }
  await ask(201, 'PUT', '/v2/queues/alone', { body: { _max_claim_count: 1 } })
  await ask(201, 'POST', '/v2/queues/alone/messages', post('kept'))
  for (let time = 0; time < 3; time++) {
    const { headers } = await ask(201, 'POST', '/v2/queues/alone/claims')
    await ask(204, 'DELETE', headers.get('location') ?? '')
  }
  assert.equal((await ask(200, 'GET', '/v2/queues/alone')).json._max_claim_count, 1)
  await ask(400, 'PUT', '/v2/queues/self', { body: { _dead_letter_queue: 'self' } })
})

test('v2: whoever asks again has the dead letter queue made that a first request did not come to', async (t) => {
  const { ask } = await startStanding(t)
  const body = { _dead_letter_queue: 'dead', _max_claim_count: 1 }
  await ask(201, 'PUT', '/v2/queues/q', { body })
  await ask(204, 'DELETE', '/v2/queues/dead')
  await ask(204, 'PUT', '/v2/queues/q', { body })
  assert.deepEqual((await ask(200, 'GET', '/v2/queues?name=dead')).json.queues.length, 1)
})

test('v2: a queue is purged', async (t) => {
  const { ask } = await startStanding(t)
  const fill = () => ask(201, 'POST', '/v2/queues/q/messages', post(1, 2))
  const total = async () => (await ask(200, 'GET', '/v2/queues/q/stats')).json.messages.total
  await ask(204, 'POST', '/v2/queues/q/purge')
  await fill()
  await ask(204, 'POST', '/v2/queues/q/purge', { body: { resource_types: ['subscriptions'] } })
  assert.equal(await total(), 2)
  await ask(204, 'POST', '/v2/queues/q/purge', { body: { resource_types: ['messages'] } })
  assert.equal(await total(), 0)
  await fill()
  await ask(204, 'POST', '/v2/queues/q/purge')
  assert.equal(await total(), 0)
  for (const body of [{}, { resource_types: 'messages' }, { resource_types: ['claims'] }, []]) {
    await ask(400, 'POST', '/v2/queues/q/purge', { body })
  }
})

test('v2: a signed URL lets do what it says, where and until it says', async (t) => {
  const { ask, server, advance } = await startStanding(t)
  await ask(201, 'POST', '/v2/queues/q/messages', post('x'))
  await ask(201, 'POST', '/v2/queues/other/messages', post('y'))
  const standard = (await ask(200, 'POST', '/v2/queues/q/share')).json
  assert.deepEqual(
    { ...standard, signature: '' },
    {
      paths: ['/v2/queues/q/messages'],
      methods: ['GET'],
      project: 'project',
      expires: '2030-01-02T12:00:00',
      signature: '',
    },
  )
  assert.match(standard.signature, /^[0-9a-f]{64}$/)
  const body = { paths: ['messages', 'claims'], methods: ['POST', 'GET'], expires: '2030-01-01T13:00:00.5' }
  const { json } = await ask(200, 'POST', '/v2/queues/q/share', { body })
  const signed = (changes: object = {}) => {
    const { paths, methods, expires, signature, project } = { ...json, ...changes }
    return {
      project,
      headers: {
        'URL-Paths': paths.join(','),
        'URL-Methods': methods.join(','),
        'URL-Expires': expires,
        'URL-Signature': signature,
      },
    }
  }
  const use = expecting(caller(server.url))
  await use(200, 'GET', '/v2/queues/q/messages?echo=true', signed())
  await use(201, 'POST', '/v2/queues/q/messages', { ...post('by url'), ...signed() })
  const claim = await use(201, 'POST', '/v2/queues/q/claims', signed())
  await use(200, 'GET', claim.headers.get('location') ?? '', signed({ paths: [...json.paths].reverse() }))
  for (const [method, path, changes] of [
    ['DELETE', '/v2/queues/q/messages?pop=1', {}],
    ['GET', '/v2/queues/other/messages', {}],
    ['GET', '/v2/queues/q', {}],
    ['GET', '/v2/queues/q/messages', { methods: ['POST', 'GET', 'DELETE'] }],
    ['GET', '/v2/queues/q/messages', { expires: '2031-01-01T13:00:00' }],
    ['GET', '/v2/queues/q/messages', { project: 'other' }],
    ['GET', '/v2/queues/q/messages', { signature: `${json.signature.slice(1)}0` }],
    ['GET', '/v2/queues/q/messages', { signature: '' }],
    ['GET', '/v2/queues/q/messages', { paths: ['/v2'] }],
  ] as const) {
    await use(404, method, path, signed(changes))
  }
  await advance(3600)
  await use(404, 'GET', '/v2/queues/q/messages', signed())
  for (const wrong of [
    { paths: ['stats'] },
    { paths: [] },
    { methods: ['TRACE'] },
    { methods: 'GET' },
    { expires: 7 },
    { expires: 'soon' },
    { expires: '2029-01-01T00:00:00' },
    { unknown: 1 },
  ]) {
    await ask(400, 'POST', '/v2/queues/q/share', { body: wrong })
  }
})

test('v2: a signed URL ends with the account, and is none of a later one of its name', async (t) => {
  const operator = { file: { accounts: [accountNamed('operator')] }, token: tokenOf('operator') }
  const anybody = { file: {}, token: '' }
  for (const { file, token } of [operator, anybody]) {
    const { server, ask, advance } = await startStanding(t, file)
    const headers = { 'X-Auth-Token': token }
    const makeAccount = () => server.call('PUT', '/accounts/project', { token })
    await makeAccount()
    const body = { methods: ['GET', 'POST'] }
    const { json } = await ask(200, 'POST', '/v2/queues/q/share', { headers, body })
    const signed = {
      'URL-Paths': json.paths.join(','),
      'URL-Methods': json.methods.join(','),
      'URL-Expires': json.expires,
      'URL-Signature': json.signature,
    }
    const send = (status: number) => ask(status, 'POST', '/v2/queues/q/messages', { ...post('x'), headers: signed })
    await send(201)
    await ask(204, 'DELETE', '/v2/queues/q', { headers })
    assert.equal((await server.call('DELETE', '/accounts/project', { token })).status, 200)
    await advance(1)
    await send(404)
    await makeAccount()
    await send(404)
    assert.deepEqual((await ask(200, 'GET', '/v2/queues', { headers })).json.queues, [])
  }
})

test('v2: a signed URL is good for its project only, whatever letters that has', async (t) => {
  const { ask, server } = await startStanding(t)
  const use = expecting(caller(server.url))
  const asHeader = (project: string) => Buffer.from(project).toString('latin1')
  const share = async (project: string) =>
    (await ask(200, 'POST', '/v2/queues/q/share', { project: asHeader(project) })).json
  const headersOf = ({ paths, expires, signature }: Awaited<ReturnType<typeof share>>, methods: string) => ({
    'URL-Paths': paths.join(','),
    'URL-Methods': methods,
    'URL-Expires': expires,
    'URL-Signature': signature,
  })
  const path = '/v2/queues/q/messages'
  const project = 'Grüße'
  await use(200, 'GET', path, { project: asHeader(project), headers: headersOf(await share(project), 'GET') })

  const forged = headersOf(await share('x,POST\\nvictim'), 'GET\\nx,POST')
  await use(404, 'POST', path, { ...post('x'), project: 'victim', headers: forged })
})

test('v2 shows checksums of bodies where it is told to, and the other versions none', async (t) => {
  const { ask } = await startStanding(t, { cloudQueues: { checksums: true } })
  const messages = '/v2/queues/q/messages'
  const { json } = await ask(201, 'POST', messages, {
    raw: '{"messages":[{"body":{"n":1.0,"text":"Grüße"}},{"body":7}]}',
  })
  // md5(json.dumps({'n': 1.0, 'text': 'Grüße'})) in Python.
  const checksum = 'MD5:3fbca1a5aa64758eaab50e9da67ae3f8'
  const [href] = json.resources
  assert.equal((await ask(200, 'GET', href)).json.checksum, checksum)
  assert.equal((await ask(200, 'GET', `${messages}?echo=true`)).json.messages[0].checksum, checksum)
  const claimed = await ask(201, 'POST', '/v2/queues/q/claims?limit=1')
  assert.deepEqual(Object.keys(claimed.json.messages[0]), ['id', 'href', 'ttl', 'age', 'body', 'checksum'])
  assert.match((await ask(200, 'DELETE', `${messages}?pop=1`)).json.messages[0].checksum, /^MD5:/)
  for (const version of ['/v1', '/v1.1']) {
    assert.ok(!('checksum' in (await ask(200, 'GET', href.replace('/v2', version), { project: 'project' })).json))
  }
})
