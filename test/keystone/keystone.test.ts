// Logging in as clients of OpenStack and Rackspace do, and what the tokens are good for.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { projectIdOf } from '../../src/core/identity/project-id.ts'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
import { caller } from '../cloud-queues/harness.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { accountNamed, secretOf, startTestServer, tokenOf } from '../server/harness.ts'

const password = 'a-password-for-the-shop'
const sender = { id: 'sender', secret: secretOf('sender'), scopes: ['send'], queues: ['out-*'] }
const accounts = [
  { ...accountNamed('shop', sender), password },
  { ...accountNamed('other'), keys: [] },
]

const start = async (t: TestContext, file: object = { accounts }) => {
  const clock = fakeClock(Date.UTC(2030, 0, 1, 12))
  const server = await startTestServer(t, file, { clock, store: await chosenStore(memoryStore) })
  const { url } = server
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const type = body === undefined ? undefined : { 'Content-Type': 'application/json' }
    const answer = await fetch(url + path, {
      method,
      headers: { ...type, ...headers },
      ...(body !== undefined && { body: text }),
    })
    const said = await answer.text()
    assert.ok(answer.status < 500, said)
    return { status: answer.status, headers: answer.headers, json: said === '' ? undefined : JSON.parse(said) }
  }
  const logIn = async (name: string, secret: string, project?: object) => {
    const identity = {
      methods: ['password'],
      password: { user: { name, password: secret, domain: { id: 'default' } } },
    }
    const scope = project && { scope: { project } }
    return call('POST', '/v3/auth/tokens', { auth: { identity, ...scope } })
  }
  return { url, clock, call, logIn, server, queues: caller(url) }
}

test('v3: a password is traded for a token, with a catalogue of what is here', async (t) => {
  const { url, call, logIn, queues } = await start(t)
  for (const project of [
    undefined,
    { id: 'shop' },
    { id: projectIdOf('shop') },
    { name: 'shop', domain: { name: 'Default' } },
  ]) {
    assert.equal((await logIn('shop', password, project)).status, 201)
  }
  const { json, headers } = await logIn('shop', secretOf('shop'), { name: 'shop' })
  const token = headers.get('x-subject-token') ?? ''
  const { catalog, audit_ids, ...about } = json.token
  assert.deepEqual(about, {
    methods: ['password'],
    user: { id: 'shop', name: 'shop', domain: { id: 'default', name: 'Default' }, password_expires_at: null },
    issued_at: '2030-01-01T12:00:00.000000Z',
    expires_at: '2030-01-02T12:00:00.000000Z',
    project: { id: 'shop', name: 'shop', domain: { id: 'default', name: 'Default' } },
    is_domain: false,
    roles: [
      { id: 'member', name: 'member' },
      { id: 'admin', name: 'admin' },
    ],
  })
  assert.equal(audit_ids.length, 1)
  const endpoint = (type: string) =>
    catalog
      .find((service: { type: string }) => service.type === type)
      .endpoints.find(
        ({ region, interface: face }: { region: string; interface: string }) => region === 'DFW' && face === 'public',
      ).url
  assert.equal(endpoint('messaging'), url)
  assert.equal(endpoint('rax:queues'), `${url}/v1/shop`)
  assert.equal(endpoint('dms'), `${url}/v1.0/shop`)
  assert.equal(endpoint('identity'), `${url}/v3`)

  const use = { headers: { 'X-Auth-Token': token }, project: null }
  assert.equal((await queues('PUT', '/v1/queues/q', use)).status, 201, 'the token is enough')
  assert.equal((await queues('GET', '/v2/queues', { ...use, project: 'shop' })).json.queues[0].name, 'q')
  assert.equal((await queues('GET', '/v1/shop/queues/q', use)).status, 204)
  assert.equal((await call('GET', '/v1.0/shop/queues', undefined, use.headers)).json.queues[0].name, 'q')

  const again = await call('POST', '/v3/auth/tokens', {
    auth: { identity: { methods: ['token'], token: { id: token } } },
  })
  assert.deepEqual([again.status, again.json.token.expires_at], [201, about.expires_at])
  const credential = { id: 'shop', secret: secretOf('shop') }
  const identity = { methods: ['application_credential'], application_credential: credential }
  assert.equal(
    (await call('POST', '/identity/v3/auth/tokens?nocatalog', { auth: { identity } })).json.token.catalog,
    undefined,
  )
  for (const path of ['catalog', 'projects']) {
    assert.equal((await call('GET', `/v3/auth/${path}`, undefined, { 'X-Auth-Token': token })).status, 200)
    assert.equal((await call('GET', `/v3/auth/${path}`)).status, 401)
  }
})

test('v2.0: password and API key, in the forms of OpenStack and Rackspace', async (t) => {
  const { url, call } = await start(t)
  const forms = [
    { passwordCredentials: { username: 'shop', password }, tenantName: 'shop' },
    { passwordCredentials: { username: 'shop', password: secretOf('shop') }, tenantId: null },
    { 'RAX-KSKEY:apiKeyCredentials': { username: 'shop', apiKey: secretOf('shop') } },
  ]
  for (const auth of forms) {
    const { status, json } = await call('POST', '/v2.0/tokens', { auth })
    assert.equal(status, 200)
    const { token, user, serviceCatalog } = json.access
    assert.deepEqual(token.tenant, { id: 'shop', name: 'shop', enabled: true })
    assert.equal(token.expires, '2030-01-02T12:00:00.000Z')
    assert.equal(user['RAX-AUTH:defaultRegion'], 'RegionOne')
    const queues = serviceCatalog.find(({ type }: { type: string }) => type === 'rax:queues')
    assert.equal(queues.name, 'cloudQueues')
    for (const { publicURL, tenantId } of queues.endpoints)
      assert.deepEqual([publicURL, tenantId], [`${url}/v1/shop`, 'shop'])
    assert.deepEqual(
      queues.endpoints.map(({ region }: { region: string }) => region),
      ['RegionOne', 'DFW', 'IAD', 'ORD', 'LON', 'HKG', 'SYD'],
    )
    const own = { 'X-Auth-Token': token.id }
    const described = await call('GET', `/v2.0/tokens/${token.id}`, undefined, own)
    assert.deepEqual(described.json.access.token, token)
    assert.deepEqual((await call('GET', '/v2.0/tenants', undefined, own)).json.tenants, [token.tenant])
    const renewed = await call('POST', '/v2.0/tokens', { auth: { token: { id: token.id }, tenantName: 'shop' } })
    assert.equal(renewed.json.access.token.id, token.id)
  }
})

test('who has no right credentials gets no token', async (t) => {
  const { call, logIn } = await start(t)
  for (const [user, secret] of [
    ['shop', 'wrong'],
    ['shop', ''],
    ['nobody', password],
    ['other', password],
    ['', ''],
    ['shop\u0000', password],
    ['\ud800', password],
  ] as const) {
    const { status, json, headers } = await logIn(user, secret)
    assert.deepEqual([status, json.error.code, json.error.title], [401, 401, 'Unauthorized'])
    assert.match(headers.get('www-authenticate') ?? '', /^Keystone uri=/)
  }
  assert.equal((await logIn('shop', password, { name: 'other' })).status, 401)
  const rackspace = await call('POST', '/v2.0/tokens', {
    auth: { 'RAX-KSKEY:apiKeyCredentials': { username: 'shop', apiKey: 'wrong' } },
  })
  assert.deepEqual([rackspace.status, rackspace.json.unauthorized.code], [401, 401])
  for (const body of [
    '',
    '{',
    '[]',
    '7',
    'null',
    '{"auth":{}}',
    '{"auth":{"identity":{"methods":[]}}}',
    '{"auth":{"identity":{"methods":["password"]}}}',
  ]) {
    for (const path of ['/v3/auth/tokens', '/v2.0/tokens']) {
      const { status, json } = await call('POST', path, body)
      assert.deepEqual([status, json.error.code, json.badRequest.code], [400, 400, 400], `${path} ${body}`)
    }
  }
  assert.equal(
    (await call('POST', '/v3/auth/tokens', 'x', { 'Content-Type': 'application/x-www-form-urlencoded' })).status,
    415,
  )
  let refused = 0
  for (let guess = 0; guess < 12; guess++) {
    const { status, headers } = await logIn('other', `guess ${guess}`)
    if (status === 429 && headers.get('retry-after') !== null) refused++
  }
  assert.ok(refused > 0, 'nobody guesses without end')
  assert.equal((await logIn('shop', password)).status, 201)
})

test('a token is good until its time is over, and for its own project only', async (t) => {
  const { call, logIn, clock, queues } = await start(t)
  const token = (await logIn('shop', password)).headers.get('x-subject-token') ?? ''
  const use = (headers: Record<string, string>, project: string | null = null) =>
    queues('GET', '/v1/queues', { headers, project })
  assert.equal((await use({ 'X-Auth-Token': token })).status, 204)
  assert.equal((await use({ 'X-Auth-Token': token }, 'other')).status, 403)
  assert.equal((await queues('GET', '/v1/other/queues', { headers: { 'X-Auth-Token': token } })).status, 403)
  assert.equal((await use({ 'X-Auth-Token': tokenOf('shop') }, 'other')).status, 204, 'an administrator’s is for any')
  for (const headers of [{}, { 'X-Auth-Token': '' }, { 'X-Auth-Token': `${token}x` }, { 'X-Auth-Token': 'nonsense' }]) {
    const { status, json, headers: answered } = await use(headers as Record<string, string>)
    assert.deepEqual([status, json.error.title], [401, 'Unauthorized'])
    assert.match(answered.get('www-authenticate') ?? '', /^Keystone uri="http.*\/v3"$/)
  }
  const admin = { 'X-Auth-Token': tokenOf('shop') }
  const subject = await call('GET', '/v3/auth/tokens', undefined, { ...admin, 'X-Subject-Token': token })
  assert.deepEqual(
    [subject.status, subject.json.token.user.id, subject.headers.get('x-subject-token')],
    [200, 'shop', token],
  )
  assert.equal((await call('HEAD', '/v3/auth/tokens', undefined, { ...admin, 'X-Subject-Token': token })).status, 200)
  assert.equal((await call('GET', '/v3/auth/tokens', undefined, { ...admin, 'X-Subject-Token': 'x' })).status, 404)
  assert.equal((await call('GET', '/v3/auth/tokens', undefined, { 'X-Subject-Token': token })).status, 401)
  clock.advance(86_400_000)
  assert.equal((await use({ 'X-Auth-Token': token })).status, 401)
  assert.equal((await call('GET', '/v3/auth/tokens', undefined, { ...admin, 'X-Subject-Token': token })).status, 404)
})

test('a token is revoked by its holder or an administrator, and by nobody else', async (t) => {
  const { call, logIn, clock, queues } = await start(t)
  const token = async (user: string, secret: string): Promise<string> => {
    clock.advance(1)
    return (await logIn(user, secret)).headers.get('x-subject-token') ?? ''
  }
  const revoke = async (by: string, subject: string): Promise<number> =>
    (await call('DELETE', '/v3/auth/tokens', undefined, { 'X-Auth-Token': by, 'X-Subject-Token': subject })).status
  const use = async (given: string): Promise<number> =>
    (await queues('GET', '/v1/queues', { headers: { 'X-Auth-Token': given }, project: null })).status
  const own = await token('sender', secretOf('sender'))
  const second = await token('sender', secretOf('sender'))
  const shops = await token('shop', password)
  const admin = tokenOf('shop')

  assert.deepEqual([await use(own), await use(second), await use(shops)], [204, 204, 204])
  assert.equal(await revoke(own, shops), 403)
  assert.equal(await revoke('nonsense', own), 401)
  assert.equal(await revoke(own, 'nonsense'), 404)
  assert.equal(await revoke(admin, admin), 403, 'the token of a key ends with the key')
  assert.deepEqual([await use(shops), await use(admin)], [204, 204])

  assert.equal(await revoke(own, own), 204)
  assert.deepEqual([await use(own), await use(second)], [401, 204])
  assert.equal(await revoke(own, second), 401)
  assert.equal(await revoke(admin, own), 404)
  assert.equal(await revoke(admin, second), 204)
  const gone = await call('DELETE', `/v2.0/tokens/${shops}`, undefined, { 'X-Auth-Token': shops })
  assert.deepEqual([gone.status, gone.json], [204, undefined])
  assert.deepEqual([await use(second), await use(shops), await use(admin)], [401, 401, 204])
  assert.equal((await call('POST', '/v2.0/tokens', { auth: { token: { id: shops } } })).status, 401)
})

test('a key’s token can do what the key can', async (t) => {
  const { logIn, queues } = await start(t)
  const token = (await logIn('sender', secretOf('sender'))).headers.get('x-subject-token') ?? ''
  const admin = { headers: { 'X-Auth-Token': tokenOf('shop') }, project: null }
  for (const queue of ['out-1', 'in-1']) assert.equal((await queues('PUT', `/v1/queues/${queue}`, admin)).status, 201)
  const as = { headers: { 'X-Auth-Token': token }, project: null }
  const message = { ...as, body: [{ ttl: 60, body: 1 }] }
  assert.equal((await queues('POST', '/v1/queues/out-1/messages', message)).status, 201)
  for (const [method, path] of [
    ['POST', '/v1/queues/in-1/messages'],
    ['GET', '/v1/queues/out-1/messages'],
    ['POST', '/v1/queues/out-1/claims'],
    ['DELETE', '/v1/queues/out-1/messages?ids=x'],
    ['DELETE', '/v1/queues/out-1'],
    ['PUT', '/v1/queues/out-2'],
    ['POST', '/v2/queues/out-1/purge'],
    ['POST', '/v2/queues/out-1/share'],
  ] as const) {
    const { status, json } = await queues(
      method,
      path,
      method === 'POST' ? { ...message, ...(path.endsWith('share') && { body: {} }) } : as,
    )
    assert.deepEqual([status, json.title], [403, 'Forbidden'], `${method} ${path}`)
  }
  assert.deepEqual(
    (await queues('GET', '/v2/queues', as)).json.queues.map(({ name }: { name: string }) => name),
    ['out-1'],
  )
  const share = { ...as, body: { methods: ['POST'] } }
  assert.equal((await queues('POST', '/v2/queues/out-1/share', share)).status, 200, 'what may be done may be shared')
})

test('an open server gives a token to anybody, for any project', async (t) => {
  const { logIn, call, queues } = await start(t, {})
  const token = (await logIn('anybody', 'anything', { name: '480924' })).headers.get('x-subject-token') ?? ''
  const use = { headers: { 'X-Auth-Token': token }, project: null }
  assert.equal((await queues('PUT', '/v1/queues/q', use)).status, 201)
  assert.equal((await queues('GET', '/v1/queues/q', { project: '480924' })).status, 204)
  const { json } = await call('POST', '/v2.0/tokens', {
    auth: { passwordCredentials: { username: 'x', password: 'y' } },
  })
  assert.equal(json.access.token.tenant.id, 'default')
  assert.equal((await logIn('x', 'y', { name: 'x'.repeat(257) })).status, 400)
})

test('clients find the identity service at the root and below a name of its own, under a name that is configured', async (t) => {
  const { call, url } = await start(t)
  for (const place of ['', '/identity']) {
    for (const version of ['v3', 'v2.0']) {
      const { json } = await call('GET', `${place}/${version}`)
      assert.equal(json.version.links[0].href, `${url}${place}/${version}/`)
    }
  }
  const list = await call('GET', '/identity')
  assert.equal(list.status, 300)
  assert.deepEqual(
    list.json.versions.values.map(({ id }: { id: string }) => id),
    ['v3.14', 'v2.0'],
  )
  const { logIn } = await start(t, {
    accounts,
    publicUrl: 'https://queues.example.com/',
    keystone: { regions: ['LON'], tokenLifetimeMs: 5000 },
  })
  const { token } = (await logIn('shop', password)).json
  assert.equal(token.expires_at, '2030-01-01T12:00:05.000000Z')
  assert.deepEqual(
    new Set(token.catalog[0].endpoints.map(({ url: at, region }: Record<string, string>) => `${region} ${at}`)),
    new Set(['LON https://queues.example.com']),
  )
})
