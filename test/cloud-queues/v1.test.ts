import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alice, bob, bodies, claimOf, idOf, startStanding } from './harness.ts'

const post = (...bodies: unknown[]) => ({ body: bodies.map((body) => ({ ttl: 300, body })) })

test('v1: a queue is made, found, listed, described and deleted', async (t) => {
  const { ask } = await startStanding(t)
  const noClient = { client: null }
  assert.equal((await ask(204, 'GET', '/v1/queues', noClient)).headers.get('content-location'), '/v1/queues')
  for (const [name, status] of [
    ['b', 201],
    ['a', 201],
    ['b', 204],
    ['c', 201],
  ] as const) {
    const { headers, text } = await ask(status, 'PUT', `/v1/queues/${name}`, noClient)
    assert.equal(headers.get('location'), `/v1/queues/${name}`)
    assert.equal(text, '')
    if (status === 201) assert.equal(headers.get('content-length'), '0')
  }
  for (const method of ['GET', 'HEAD']) {
    assert.equal((await ask(204, method, '/v1/queues/a')).headers.get('content-location'), '/v1/queues/a')
    await ask(404, method, '/v1/queues/x')
  }
  const first = await ask(200, 'GET', '/v1/queues?limit=2&detailed=t')
  const { href } = first.json.links[0]
  assert.deepEqual(first.json, {
    queues: [
      { name: 'a', href: '/v1/queues/a', metadata: {} },
      { name: 'b', href: '/v1/queues/b', metadata: {} },
    ],
    links: [{ rel: 'next', href: '/v1/queues?marker=b&limit=2&detailed=true' }],
  })
  const second = await ask(200, 'GET', href)
  assert.deepEqual(
    second.json.queues.map(({ name }: { name: string }) => name),
    ['c'],
  )
  await ask(204, 'GET', second.json.links[0].href)
  assert.equal((await ask(200, 'GET', '/v1/queues?marker=aaa')).json.queues[0].name, 'b', 'a place, not a queue')

  assert.equal((await ask(200, 'GET', '/v1/queues/a/metadata')).text, '{}')
  const metadata = '{"n":12345678901234567890.50,"x":{"__proto__":1},"ü":"é"}'
  const put = await ask(204, 'PUT', '/v1/queues/a/metadata', { raw: metadata })
  assert.equal(put.headers.get('location'), '/v1/queues/a/metadata')
  const got = await ask(200, 'GET', '/v1/queues/a/metadata')
  assert.equal(got.text, metadata)
  assert.equal(got.headers.get('content-location'), '/v1/queues/a/metadata')
  for (const [status, path, raw] of [
    [404, '/v1/queues/x/metadata', '{}'],
    [400, '/v1/queues/a/metadata', ''],
    [400, '/v1/queues/a/metadata', '[]'],
    [400, '/v1/queues/a/metadata', '{"_x":1}'],
    [400, '/v1/queues/a/metadata', `{"x":"${'x'.repeat(65_536)}"}`],
  ] as const) {
    await ask(status, 'PUT', path, { raw })
  }
  await ask(404, 'GET', '/v1/queues/x/metadata')
  assert.equal((await ask(200, 'GET', '/v1/queues/a/metadata')).text, metadata)
  await ask(204, 'DELETE', '/v1/queues/a')
  await ask(204, 'DELETE', '/v1/queues/a')
  await ask(404, 'GET', '/v1/queues/a')
})

test('v1: messages are posted and listed, the oldest first, a page at a time', async (t) => {
  const { ask, advance } = await startStanding(t)
  const messages = '/v1/queues/q/messages'
  await ask(404, 'POST', messages, post(1))
  await ask(204, 'GET', messages)
  await ask(201, 'PUT', '/v1/queues/q')
  await ask(204, 'GET', messages)
  const posted = await ask(201, 'POST', messages, post('a', { event: 'BackupStarted' }))
  assert.equal(posted.json.partial, false)
  assert.equal(posted.json.resources.length, 2)
  const ids = posted.json.resources.map(idOf)
  for (const id of ids) assert.match(id, /^[0-9a-f]{24}$/)
  assert.equal(posted.headers.get('location'), `${messages}?ids=${ids.join(',')}`)
  assert.deepEqual(bodies((await ask(200, 'GET', posted.headers.get('location') ?? '')).json), [
    'a',
    { event: 'BackupStarted' },
  ])
  await advance(7.9)
  await ask(201, 'POST', messages, { ...post(...Array.from({ length: 10 }, (_, index) => index)), client: bob })

  await ask(204, 'GET', '/v1/queues/q/messages?limit=10&marker=nonsense')
  const others = await ask(200, 'GET', messages)
  assert.deepEqual(bodies(others.json.messages), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'not the client’s own')
  const page = await ask(200, 'GET', `${messages}?echo=true&limit=3&unknown=x`)
  assert.deepEqual(page.json.messages[0], { href: `${messages}/${ids[0]}`, ttl: 300, age: 7, body: 'a' })
  assert.deepEqual(bodies(page.json.messages), ['a', { event: 'BackupStarted' }, 0])
  assert.equal(page.headers.get('content-location'), `${messages}?echo=true&limit=3&unknown=x`)
  const { href } = page.json.links[0]
  assert.match(href, /^\/v1\/queues\/q\/messages\?marker=[^&]+&limit=3&echo=true$/)
  const last = page.json.messages.at(-1).href
  await ask(204, 'DELETE', last)
  await ask(204, 'DELETE', `${messages}/${ids[0]}`)
  const next = await ask(200, 'GET', href)
  assert.deepEqual(bodies(next.json.messages), [1, 2, 3], 'the marker stays where its message was')
  assert.deepEqual(bodies((await ask(200, 'GET', `${messages}?marker=${ids[1]}&limit=1`)).json.messages), [1])
  const watched = await ask(200, 'GET', `${messages}?limit=20&echo=1`)
  const watch = watched.json.links[0].href
  await ask(204, 'GET', watch)
  await ask(201, 'POST', messages, { ...post('later'), client: bob })
  assert.deepEqual(bodies((await ask(200, 'GET', watch)).json.messages), ['later'])
})

test('v1: what may be posted, and what not', async (t) => {
  const { ask } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  const messages = '/v1/queues/q/messages'
  const kept = [
    '1.0',
    '-0',
    '1e400',
    '9223372036854775807',
    '"\\u00e9\\ud800"',
    '{"b":1,"a":{"__proto__":null}}',
    'null',
    '""',
    '{ }',
  ]
  const { headers } = await ask(201, 'POST', messages, {
    raw: ` [${kept.map((raw) => `{"ttl":60,"body":${raw},"x":1}`)}]`,
  })
  const back = await ask(200, 'GET', headers.get('location') ?? '')
  assert.equal(back.text, `[${back.text.slice(1, -1)}]`)
  const raw = [...back.text.matchAll(/"body":(.*?)\}(?=,\{"href"|\]$)/g)].map(([, body]) => body)
  assert.deepEqual(raw, kept)

  const message = { ttl: 60, body: 1 }
  const faults: [unknown, string][] = [
    [[{ ...message, ttl: 59 }], 'Invalid API request'],
    [[{ ...message, ttl: 1_209_601 }], 'Invalid API request'],
    [Array(11).fill(message), 'Invalid API request'],
    [[{ ...message, ttl: 60.5 }], 'Invalid request body'],
    [[{ ...message, ttl: '60' }], 'Invalid request body'],
    [[{ ...message, ttl: null }], 'Invalid request body'],
    [[{ body: 1 }], 'Invalid request body'],
    [[{ ttl: 60 }], 'Invalid request body'],
    [[message, 7], 'Invalid request body'],
    [[], 'Invalid request body'],
    [message, 'Invalid request body'],
    ['text', 'Invalid request body'],
    [null, 'Invalid request body'],
  ]
  for (const [body, title] of faults) {
    const { json } = await ask(400, 'POST', messages, { body })
    assert.equal(json.title, title, JSON.stringify(body))
  }
  for (const raw of [
    '',
    '[',
    '[{"ttl":60,"body":1}',
    '[{"ttl":60,"body":9223372036854775808}]',
    '[{"ttl":60,"body":[1,]}]',
    '\ufeff[]',
  ]) {
    assert.equal((await ask(400, 'POST', messages, { raw })).json.title, 'Invalid request body', raw)
  }
  await ask(400, 'POST', messages, { ...post(1), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })
  assert.equal((await ask(200, 'GET', '/v1/queues/q/stats')).json.messages.total, kept.length, 'nothing was stored')
  await ask(201, 'POST', messages, { body: [{ ...message, ttl: 1_209_600 }] })
})

test('v1: 256 KB are counted without white space', async (t) => {
  const { ask } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  const messages = '/v1/queues/q/messages'
  const most = 262_144
  const padded = (size: number) => `[{"ttl":60, "body":{ "a" :\n${' '.repeat(300_000)}"${'x'.repeat(size - 8)}" }}]`
  await ask(201, 'POST', messages, { raw: padded(most) })
  const { json } = await ask(400, 'POST', messages, { raw: padded(most + 1) })
  assert.match(json.description, /262144/)
  const half = 'x'.repeat(most / 2 - 2)
  await ask(201, 'POST', messages, post(half, half))
  await ask(400, 'POST', messages, post(half, `${half}x`))
  await ask(400, 'POST', messages, { raw: `[${' '.repeat(8 * most)}]` })
})

test('v1: messages are read and deleted by id, in every spelling of a list, whatever else is named', async (t) => {
  const { ask } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  await ask(201, 'PUT', '/v1/queues/r')
  const messages = '/v1/queues/q/messages'
  const { json } = await ask(201, 'POST', messages, post(0, 1, 2, 3, 4, 5, 6, 7))
  const ids: string[] = json.resources.map(idOf)
  const elsewhere = idOf((await ask(201, 'POST', '/v1/queues/r/messages', post('r'))).json.resources[0])
  const unknown = ['f5b8c8a7c62b0150b68a50d6', 'not-an-id', '0', elsewhere, '%00', '%zz']
  for (const list of [
    `ids=${ids[1]},${ids[0]}`,
    `ids=${ids[1]}%2C${ids[0]}`,
    `ids=${ids[1]}&ids=${ids[0]}`,
    `ids[0]=${ids[1]}&ids%5B1%5D=${ids[0]}`,
    `ids=${[ids[1], ...unknown, ids[0]].join(',')}&limit=0&marker=x`,
  ]) {
    assert.deepEqual(bodies((await ask(200, 'GET', `${messages}?${list}`, { client: null })).json), [1, 0], list)
  }
  await ask(204, 'GET', `${messages}?ids=${unknown.join(',')}`)
  await ask(204, 'GET', `${messages}?ids=`)
  await ask(400, 'GET', `${messages}?ids=${Array(21).fill(ids[0]).join(',')}`)
  assert.equal((await ask(400, 'DELETE', messages)).json.title, 'Missing parameter')
  await ask(400, 'DELETE', `${messages}?ids=${Array(21).fill(ids[0]).join(',')}`)
  await ask(204, 'DELETE', `${messages}?ids=${ids[0]}%2C${ids[1]}`)
  await ask(204, 'DELETE', `${messages}?ids=${ids[2]}&ids=${ids[3]}`)
  await ask(204, 'DELETE', `${messages}?ids=${[...unknown, ids[4]].join(',')}`)
  await ask(204, 'DELETE', `${messages}?ids=${ids[0]}`)
  await ask(204, 'DELETE', '/v1/queues/none/messages?ids=1')
  assert.deepEqual(bodies((await ask(200, 'GET', `${messages}?echo=yes`)).json.messages), [5, 6, 7])
  assert.equal((await ask(200, 'GET', '/v1/queues/r/stats')).json.messages.total, 1)

  const one = `${messages}/${ids[5]}`
  const got = await ask(200, 'GET', `${one}?claim_id=x`)
  assert.deepEqual(got.json, { href: one, ttl: 300, age: 0, body: 5 })
  assert.equal(got.headers.get('content-location'), one)
  for (const id of [...unknown, ids[0]]) await ask(404, 'GET', `${messages}/${id}`)
  await ask(404, 'GET', `/v1/queues/none/messages/${ids[5]}`)
  for (const id of [...unknown.filter((id) => id !== '%zz'), ids[0], ids[5], ids[5]])
    await ask(204, 'DELETE', `${messages}/${id}`)
  await ask(404, 'GET', one)
})

test('v1: a message is there until its ttl ends', async (t) => {
  const { ask, advance } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  const { json } = await ask(201, 'POST', '/v1/queues/q/messages', {
    body: [
      { ttl: 60, body: 1 },
      { ttl: 61, body: 2 },
    ],
  })
  await advance(59.999)
  assert.deepEqual((await ask(200, 'GET', json.resources[0])).json.age, 59)
  await advance(0.001)
  await ask(404, 'GET', json.resources[0])
  assert.deepEqual(bodies((await ask(200, 'GET', '/v1/queues/q/messages?echo=on')).json.messages), [2])
  await advance(1)
  await ask(204, 'GET', '/v1/queues/q/messages?echo=on')
  assert.deepEqual((await ask(200, 'GET', '/v1/queues/q/stats')).json, { messages: { claimed: 0, free: 0, total: 0 } })
})

test('v1: messages are claimed, kept from others, renewed, deleted and released', async (t) => {
  const { ask, advance } = await startStanding(t)
  const claims = '/v1/queues/q/claims'
  const terms = { body: { ttl: 60, grace: 60 } }
  await ask(204, 'POST', claims, terms)
  await ask(201, 'PUT', '/v1/queues/q')
  await ask(204, 'POST', claims, terms)
  await ask(201, 'POST', '/v1/queues/q/messages', { body: [1, 2, 3].map((body) => ({ ttl: 100, body })) })
  await advance(10)
  const claimed = await ask(201, 'POST', `${claims}?limit=2`, { ...terms, client: null })
  const claim = claimed.headers.get('location') ?? ''
  assert.match(claim, /^\/v1\/queues\/q\/claims\/[0-9a-f]{24}$/)
  const [first, second] = claimed.json
  assert.deepEqual(bodies(claimed.json), [1, 2])
  assert.deepEqual([first.ttl, first.age], [130, 10], 'until ten seconds, the claim and its grace have passed')
  assert.equal(claimOf(first.href), idOf(claim))

  assert.deepEqual(bodies((await ask(200, 'GET', '/v1/queues/q/messages?echo=true')).json.messages), [3])
  const all = await ask(200, 'GET', '/v1/queues/q/messages?echo=true&include_claimed=TRUE')
  assert.deepEqual(bodies(all.json.messages), [1, 2, 3])
  assert.ok(!all.text.includes('claim_id'))
  const bare = first.href.split('?')[0]
  await ask(200, 'GET', first.href)
  const byClaim = `/v1/queues/q/messages?ids=${idOf(first.href)}&claim_id=`
  assert.deepEqual(bodies((await ask(200, 'GET', byClaim + idOf(claim))).json), [1])
  await ask(204, 'GET', `${byClaim}51db6f78c508f17ddc924357`)
  const { messages } = (await ask(200, 'GET', '/v1/queues/q/stats')).json
  assert.deepEqual([messages.claimed, messages.free, messages.total], [2, 1, 3])
  assert.deepEqual(Object.keys(messages.oldest).sort(), ['age', 'created', 'href'])
  assert.deepEqual([messages.oldest.created, messages.oldest.href], ['2030-01-01T12:00:00Z', bare])

  const other = (await ask(201, 'POST', `${claims}?limit=2`, terms)).json
  assert.deepEqual(bodies(other), [3])
  for (const [status, suffix] of [
    [403, ''],
    [403, '?claim_id'],
    [403, '?claim_id='],
    [403, `?claim_id=${claimOf(other[0].href)}`],
    [400, '?claim_id=51db6f78c508f17ddc924357'],
    [400, '?claim_id=nonsense'],
  ] as const) {
    assert.equal((await ask(status, 'DELETE', bare + suffix)).json.title, 'Unable to delete', suffix)
  }
  await ask(204, 'DELETE', first.href)
  await ask(404, 'GET', bare)
  await advance(5)
  const seen = await ask(200, 'GET', claim)
  assert.deepEqual([seen.json.href, seen.json.ttl, seen.json.age], [claim, 60, 5])
  assert.deepEqual(bodies(seen.json.messages), [2])
  assert.equal(seen.json.messages[0].href, second.href)
  assert.equal(seen.headers.get('content-location'), claim)

  await advance(45)
  await ask(204, 'PATCH', claim, { body: { ttl: 120, grace: 0 } })
  assert.deepEqual((await ask(200, 'GET', claim)).json.ttl, 120)
  await advance(119)
  assert.equal((await ask(200, 'GET', claim)).json.age, 119)
  assert.deepEqual(bodies((await ask(204, 'GET', '/v1/queues/q/messages?echo=true')).json), [])
  await ask(204, 'DELETE', claim)
  await ask(204, 'DELETE', claim)
  for (const method of ['GET', 'PATCH']) await ask(404, method, claim, method === 'GET' ? {} : terms)
  assert.deepEqual(bodies((await ask(200, 'GET', '/v1/queues/q/messages?echo=true')).json.messages), [2])
  assert.equal((await ask(400, 'DELETE', second.href)).json.title, 'Unable to delete', 'the late worker is told')
  await ask(204, 'DELETE', second.href.split('?')[0])

  await ask(201, 'POST', '/v1/queues/q/messages', post('again'))
  const lost = (await ask(201, 'POST', claims, terms)).headers.get('location') ?? ''
  await advance(60)
  await ask(404, 'GET', lost)
  assert.deepEqual(bodies((await ask(201, 'POST', claims, terms)).json), ['again'])
})

test('v1: the terms of claims are checked', async (t) => {
  const { ask } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  const claims = '/v1/queues/q/claims'
  const good = { ttl: 60, grace: 60 }
  for (const body of [
    { grace: 60 },
    { ttl: 60 },
    { ...good, ttl: 59 },
    { ...good, ttl: 43_201 },
    { ...good, grace: 59 },
    { ...good, grace: 43_201 },
    { ...good, ttl: '60' },
    { ...good, grace: null },
    [good],
    7,
    null,
  ]) {
    await ask(400, 'POST', claims, { body })
  }
  await ask(400, 'POST', claims)
  await ask(400, 'POST', claims, { raw: '{' })
  for (const limit of ['0', '-1', '21', 'x', '1.5', '99999999999999999999']) {
    await ask(400, 'POST', `${claims}?limit=${limit}`, { body: good })
    for (const list of ['/v1/queues', '/v1/queues/q/messages']) await ask(400, 'GET', `${list}?limit=${limit}`)
  }
  for (const flag of ['echo', 'include_claimed']) await ask(400, 'GET', `/v1/queues/q/messages?${flag}=maybe`)
  await ask(201, 'POST', '/v1/queues/q/messages', { body: [{ ttl: 1_209_600, body: 1 }] })
  const claim = await ask(201, 'POST', claims, { body: { ttl: 43_200, grace: 43_200 } })
  assert.equal(claim.json[0].ttl, 1_209_600, 'no message lives longer')
  const href = claim.headers.get('location') ?? ''
  for (const body of [{}, { ttl: 59 }, { ttl: 60, grace: -1 }, { grace: 60 }]) await ask(400, 'PATCH', href, { body })
  await ask(400, 'PATCH', href)
  await ask(204, 'PATCH', href, { body: { ttl: 60 } })
  for (const id of ['nonsense', '51db6f78c508f17ddc924357']) {
    await ask(404, 'GET', `${claims}/${id}`)
    await ask(204, 'DELETE', `${claims}/${id}`)
  }
})

test('v1: the client is known by its id, in any form, or by the UUID in its User-Agent', async (t) => {
  const { ask } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  const messages = '/v1/queues/q/messages'
  for (const [method, more] of [
    ['GET', {}],
    ['POST', post(1)],
  ] as const) {
    const { json } = await ask(400, method, messages, { ...more, client: null })
    assert.deepEqual(json, { title: 'Missing header value', description: 'The "Client-ID" header is required.' })
    await ask(400, method, messages, { ...more, client: '' })
    await ask(400, method, messages, { ...more, client: 'xyz' })
  }
  await ask(201, 'POST', messages, post('hers'))
  const agent = (uuid: string) => ({
    client: null,
    headers: { 'User-Agent': `python/2.7 killer-rabbit/1.2 (${uuid})` },
  })
  for (const form of [alice, alice.toUpperCase(), alice.replaceAll('-', ''), `{${alice}}`, `urn:uuid:${alice}`]) {
    await ask(204, 'GET', messages, { client: form })
  }
  for (const form of [alice, alice.replaceAll('-', '').toUpperCase()]) await ask(204, 'GET', messages, agent(form))
  await ask(200, 'GET', messages, agent(bob))
  await ask(201, 'POST', messages, { ...post('his'), ...agent(bob) })
  assert.deepEqual(bodies((await ask(200, 'GET', messages)).json.messages), ['his'])
  await ask(200, 'GET', messages, { client: alice, headers: { 'User-Agent': bob } })
})

test('v1: the project is a tenant in the path, a header, or nobody’s', async (t) => {
  const { ask } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  await ask(404, 'GET', '/v1/queues/q', { project: '480924' })
  const { headers } = await ask(201, 'PUT', '/v1/480924/queues/q')
  assert.equal(headers.get('location'), '/v1/480924/queues/q')
  await ask(204, 'GET', '/v1/queues/q', { project: '480924' })
  await ask(204, 'GET', '/v1/480924/queues/q', { project: 'other' })
  const posted = await ask(201, 'POST', '/v1/480924/queues/q/messages', post('tenant'))
  const location = posted.headers.get('location') ?? ''
  assert.ok(location.startsWith('/v1/480924/queues/q/messages?ids='))
  assert.deepEqual(bodies((await ask(200, 'GET', location)).json), ['tenant'])
  const page = await ask(200, 'GET', '/v1/480924/queues/q/messages?echo=true')
  assert.ok(page.json.links[0].href.startsWith('/v1/480924/queues/q/messages?marker='))
  assert.equal((await ask(200, 'GET', '/v1/queues', { project: '480924' })).json.queues[0].href, '/v1/queues/q')
  await ask(200, 'GET', '/v1/queues', { project: 'default' })
  assert.equal((await ask(400, 'GET', '/v1/queues', { project: '' })).json.title, 'Empty project header not allowed')
  const long = await ask(400, 'GET', '/v1/queues', { project: 'x'.repeat(257) })
  assert.equal(long.json.title, 'Invalid queue identification')
  await ask(204, 'GET', '/v1/queues', { project: 'x'.repeat(256) })
})

test('what is not there, not offered, or not to be had', async (t) => {
  const { ask } = await startStanding(t)
  for (const path of [
    '/v1/ping',
    '/v1/topics',
    '/v1/nothing/at/all',
    '/v1.1/queues/q/metadata',
    '/v2/queues/q/metadata',
  ]) {
    assert.equal((await ask(404, 'GET', path)).json.title, '404 Not Found', path)
  }
  for (const [method, path, allow] of [
    ['POST', '/v1/queues/q', 'DELETE, GET, HEAD, OPTIONS, PUT'],
    ['HEAD', '/v1.1/queues/q', 'DELETE, GET, OPTIONS, PUT'],
    ['PATCH', '/v1/queues/q/messages/', 'DELETE, GET, OPTIONS, POST'],
    ['DELETE', '/v2/queues', 'GET, OPTIONS'],
  ] as const) {
    assert.equal((await ask(405, method, path)).headers.get('allow'), allow)
  }
  for (const Accept of ['text/html', 'application/json;q=0', 'image/*, text/plain']) {
    assert.equal((await ask(406, 'GET', '/v1/queues', { headers: { Accept } })).text, '')
  }
  for (const Accept of ['application/*', 'text/html, */*;q=0.1', 'application/json; charset=utf-8']) {
    await ask(204, 'GET', '/v1/queues', { headers: { Accept } })
  }
  for (const name of ['a b', 'x'.repeat(65), '%C3%A9', 'a%2Fb', 'a:b']) {
    for (const method of ['PUT', 'GET', 'DELETE']) {
      assert.equal((await ask(400, method, `/v1/queues/${name}`)).json.title, 'Invalid queue identification', name)
    }
  }
  await ask(201, 'PUT', `/v1/queues/${'aZ0_-.'.repeat(10)}`)
  for (const path of ['/v1', '/v1/', '/v1/480924', '/v1.1/', '/v2', '/v2/']) {
    const { headers, text } = await ask(200, 'GET', path, { client: null, project: null })
    assert.equal(headers.get('content-type'), 'application/json-home')
    assert.equal(headers.get('cache-control'), 'max-age=86400')
    const { 'href-template': href } = JSON.parse(text).resources['rel/queue']
    assert.equal(href, `${path.replace(/\/$/, '')}/queues/{queue_name}`)
  }
  for (const path of ['/v1/health', '/v1.1/ping', '/v2/ping']) {
    for (const method of ['GET', 'HEAD']) await ask(204, method, path, { client: null, project: null })
  }
})
