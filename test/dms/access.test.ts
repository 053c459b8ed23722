import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { projectIdOf } from '../../src/core/identity/project-id.ts'
import { accountNamed, secretOf, tokenOf } from '../server/harness.ts'
import { Dms, project, startStanding } from './harness.ts'
import { type Signing, sign } from './signer.ts'

const accounts = [
  accountNamed(project, { id: 'sender', secret: secretOf('sender'), scopes: ['send'], queues: ['orders*'] }),
  accountNamed('shop', { id: 'ends', secret: secretOf('ends'), expiresAt: '2030-01-01T13:00:00Z' }),
]

const start = async (t: TestContext) => {
  const standing = await startStanding(t, { accounts })
  const { server, clock } = standing
  const as = (token: string, prefix?: string) => new Dms(server.url, { 'X-Auth-Token': token }, prefix)
  const signed = (
    method: string,
    path: string,
    body: string,
    more: Partial<Signing> & { headers?: Record<string, string> } = {},
  ) => {
    const { headers = {}, ...rest } = more
    const signing = { accessKey: project, secret: secretOf(project), at: new Date(clock.now()), ...rest }
    const sent = { 'Content-Type': 'application/json', 'User-Agent': 'test', ...headers }
    return sign(method, `${server.url}/v1.0/${project}${path}`, body, sent, signing)
  }
  return { ...standing, as, signed, nobody: new Dms(server.url) }
}

test('a token is good for the project of its account', async (t) => {
  const { as, nobody, advance, server } = await start(t)
  const dms = as(tokenOf(project))
  const id = await dms.queue('orders-1')
  assert.equal((await as(tokenOf(project), `/v1.0/${project.toUpperCase()}`).ok(200, 'GET', '/queues')).json.total, 1)
  assert.equal(await nobody.refused(401, 'GET', '/queues'), 10240103)
  assert.equal(await as('').refused(401, 'GET', '/queues'), 10240103)
  for (const token of ['x', `${tokenOf(project)}x`, 'mr_nobody_x', 'mrs_x.y', 'mrt_x.y']) {
    assert.equal(await as(token).refused(401, 'GET', '/queues'), 10240101, token)
  }
  assert.equal(await as(tokenOf('shop')).refused(401, 'GET', '/queues'), 10240104)
  assert.equal(await as(tokenOf('shop')).refused(401, 'GET', `/queues/${id}`), 10240104)

  const shop = `/v1.0/${projectIdOf('shop')}`
  await as(tokenOf('shop'), shop).queue('q')
  assert.equal((await as(tokenOf('ends'), shop).ok(200, 'GET', '/queues')).json.total, 1)
  assert.equal((await as(tokenOf('shop'), '/v1.0/shop').ok(200, 'GET', '/queues')).json.total, 1, 'by its name, too')
  assert.equal(await as(tokenOf('shop'), '/v1.0/other').refused(400, 'GET', '/queues'), 10240005)
  await advance(3600)
  assert.equal(await as(tokenOf('ends'), shop).refused(401, 'GET', '/queues'), 10240102)

  const keystone = await fetch(`${server.url}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'shop', domain: { id: 'default' }, password: secretOf('shop') } },
        },
      },
    }),
  })
  const token = keystone.headers.get('x-subject-token') ?? ''
  assert.notEqual(token, '')
  assert.equal((await as(token, shop).ok(200, 'GET', '/queues')).json.total, 1)
  await advance(86_401)
  assert.equal(await as(token, shop).refused(401, 'GET', '/queues'), 10240102)
})

test('a key may do what it may do, with the queues that it may do it with', async (t) => {
  const { as } = await start(t)
  const dms = as(tokenOf(project))
  const [orders, secret] = [await dms.queue('orders'), await dms.queue('secret')]
  const group = await dms.group(orders, 'g')
  const sender = as(tokenOf('sender'))
  await sender.send(orders, 1)
  const list = await sender.ok(200, 'GET', '/queues')
  assert.deepEqual(
    list.json.queues.map(({ name }: { name: string }) => name),
    ['orders'],
  )
  const refused: [string, string, unknown?][] = [
    ['POST', `/queues/${secret}/messages`, { messages: [{ body: 1 }] }],
    ['GET', `/queues/${secret}`],
    ['GET', `/queues/${secret}/groups`],
    ['GET', `${group.path.replace(orders, orders)}/messages?time_wait=1`],
    ['POST', `${group.path}/ack`, { message: [{ handler: 'x' }] }],
    ['POST', '/queues', { name: 'orders-2' }],
    ['POST', `/queues/${orders}/groups`, { groups: [{ name: 'x' }] }],
    ['DELETE', `/queues/${orders}`],
    ['DELETE', group.path],
    ['POST', `/queue/${orders}/tags`, { tag: { key: 'a', value: 'b' } }],
    ['GET', `/queue/${orders}/tags`],
  ]
  for (const [method, path, body] of refused) {
    assert.equal(await sender.refused(403, method, path, body), 10240307, `${method} ${path}`)
  }
})

for (const scope of [undefined, { region: 'eu-de', service: 'dms' }, { region: '', service: '' }]) {
  test(`requests are signed, ${scope ? `for region '${scope.region}'` : 'with the secret itself'}`, async (t) => {
    const { nobody, signed, advance } = await start(t)
    const form = scope ? { scope } : {}
    const call = async (method: string, path: string, body = '', more: Parameters<typeof signed>[3] = {}) =>
      nobody.call(method, path, body === '' ? undefined : body, {
        headers: signed(method, path, body, { ...form, ...more }),
      })
    const made = await call('POST', '/queues', '{"name": "orders"}')
    assert.equal(made.status, 201, made.text)
    for (const path of [
      '/queues',
      '/queues?&include_deadletter=true',
      '/queues?b=2&a=1&a=0&a=',
      '/queues?x=a%20b&y=%C3%BC%2F*',
      '/queues?x=a+b',
      `/queues/${made.json.id}/`,
      '/queue/tags',
    ]) {
      const answer = await call('GET', path)
      assert.equal(answer.status, 200, `${path}: ${answer.text}`)
    }
    assert.equal((await call('GET', '/queues', '', { headers: { 'X-Project-Id': project } })).status, 200)
    assert.equal((await call('DELETE', `/queues/${made.json.id}`)).status, 204)

    const bad = async (more: Parameters<typeof signed>[3]) => {
      const { status, json } = await call('GET', '/queues', '', more)
      return [status, json.code]
    }
    assert.deepEqual(await bad({ secret: secretOf('sender') }), [401, 10240101])
    assert.deepEqual(await bad({ accessKey: 'nobody' }), [401, 10240101])
    const now = Date.UTC(2030, 0, 1, 12)
    assert.deepEqual(await bad({ at: new Date(now - 901_000) }), [401, 10240101], 'too old')
    assert.deepEqual(await bad({ at: new Date(now + 902_000) }), [401, 10240101], 'too new')
    assert.equal((await call('GET', '/queues', '', { at: new Date(now - 899_000) })).status, 200)
    assert.deepEqual(await bad({ accessKey: 'shop', secret: secretOf('shop') }), [401, 10240104])

    const replayed = signed('GET', '/queues', '', form)
    assert.equal((await nobody.call('GET', '/queues', undefined, { headers: replayed })).status, 200)
    assert.equal(await nobody.refused(401, 'GET', '/queue/tags', undefined, replayed), 10240101, 'for another path')
    assert.equal(await nobody.refused(401, 'GET', '/queues?a=b', undefined, replayed), 10240101, 'for another query')
    await advance(901)
    assert.equal(await nobody.refused(401, 'GET', '/queues', undefined, replayed), 10240101, 'a replay')
  })
}

test('a signature covers the body, to the byte', async (t) => {
  const { nobody, signed } = await start(t)
  const body = '{"name":"signed"}'
  const refused = (text: string, headers: Record<string, string>) =>
    nobody.refused(401, 'POST', '/queues', text, headers)
  assert.equal(await refused('{"name": "signed"}', signed('POST', '/queues', body)), 10240101)
  const hash = { 'X-Sdk-Content-Sha256': '0'.repeat(64) }
  assert.equal(await refused(body, signed('POST', '/queues', body, { headers: hash })), 10240101)
  const unsigned = { 'X-Sdk-Content-Sha256': 'UNSIGNED-PAYLOAD' }
  const headers = signed('POST', '/queues', body, { headers: unsigned })
  assert.equal((await nobody.call('POST', '/queues', body, { headers })).status, 201)
  assert.equal(
    (await nobody.call('GET', '/queues', undefined, { headers: signed('GET', '/queues', '') })).json.total,
    1,
  )
})

test('what is no signature is refused as one', async (t) => {
  const { nobody, signed } = await start(t)
  const { Authorization = '', ...rest } = signed('GET', '/queues', '')
  const wrong = [
    'Bearer x',
    'SDK-HMAC-SHA256',
    `SDK-HMAC-SHA256 Access=${project}`,
    Authorization.replace('SDK-HMAC', 'AWS4-HMAC'),
    Authorization.replace(/Signature=.*/, 'Signature=00'),
    Authorization.replace(/Access=\w+/, `Credential=${project}/x`),
    Authorization.replace(/Access=\w+/, `Credential=${project}/20291231///sdk_request`),
    Authorization.replace('host;', ''),
    Authorization.replace(/SignedHeaders=[^,]*/, 'SignedHeaders='),
  ]
  for (const header of wrong) {
    assert.equal(await nobody.refused(401, 'GET', '/queues', undefined, { ...rest, Authorization: header }), 10240101)
  }
  const { 'X-Sdk-Date': _, ...undated } = signed('GET', '/queues', '')
  assert.equal(await nobody.refused(401, 'GET', '/queues', undefined, undated), 10240101)
  const odd = { ...rest, Authorization, 'X-Sdk-Date': 'yesterday' }
  assert.equal(await nobody.refused(401, 'GET', '/queues', undefined, odd), 10240101)
})

test('an open server takes anything, and the project is the account', async (t) => {
  const { server } = await startStanding(t)
  for (const headers of [{}, { 'X-Auth-Token': 'x' }, { Authorization: 'Bearer x' }]) {
    const dms = new Dms(server.url, headers as Record<string, string>)
    assert.equal((await dms.call('GET', '/queues')).status, 200)
  }
  await new Dms(server.url).queue('q')
  for (const account of ['default', 'shop', '6f1c0d0e-3a53-4d8e-9a41-0d6f0a6f4a11']) {
    const headers = { 'X-Millrace-Account': account }
    await fetch(`${server.url}/api/v1/queues/of-${account}`, { method: 'PUT', headers })
    const { accounts } = (await (await fetch(`${server.url}/api/v1/accounts`)).json()) as {
      accounts: { name: string; projectId: string }[]
    }
    const { projectId } = accounts.find(({ name }) => name === account) ?? {}
    assert.equal(projectId, projectIdOf(account))
    const dms = new Dms(server.url, {}, `/v1.0/${projectId}`)
    const { queues } = (await dms.ok(200, 'GET', '/queues')).json
    assert.deepEqual(
      queues.map(({ name }: { name: string }) => name),
      [`of-${account}`],
    )
  }
})

test('a page of another site is refused by an open server in the form of this API', async (t) => {
  const { server } = await startStanding(t)
  const answer = await fetch(`${server.url}/v1.0/${project}/queues`, {
    headers: { Origin: 'https://elsewhere.example' },
  })
  const body = (await answer.json()) as Record<string, unknown>
  assert.deepEqual([answer.status, body.error_code], [403, 'DMS.10240307'])
})
