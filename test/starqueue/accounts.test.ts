import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { accountNamed, startTestServer, temporaryDirectory, tokenOf } from '../server/harness.ts'
import { base64, Client, post, startStanding } from './harness.ts'

const denied = { detail: 'access denied' }
const message = { MessageBody: base64('x') }

test('an account is made: id, password and token; the password is traded for more tokens', async (t) => {
  const server = await startTestServer(t)
  const { status, json } = await post(`${server.url}/AccountCreate`, {
    Version: 1,
    EmailAddress: 'someone@example.org',
    recaptcha: 'x',
  })
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(json), ['AccountPassword', 'accountid', 'AuthToken'])
  const client = new Client(server.url, json)
  assert.match(client.account, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.match(client.password, /^(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9\-_:;.=+%*]{12,20}$/)
  const place = `${server.url}/authtokenget/${client.account}`
  const traded = await post(place, { AccountPassword: client.password })
  assert.deepEqual([traded.status, Object.keys(traded.json)], [200, ['AuthToken']])
  for (const token of [client.token, String(traded.json.AuthToken)]) {
    assert.doesNotMatch(token, /\s/)
    const sent = await post(`${server.url}/messagesend/${client.account}/q`, message, { AuthToken: token })
    assert.equal(sent.status, 200)
  }
  for (const AccountPassword of ['wrong', '', `${client.password} `]) {
    const refused = await post(place, { AccountPassword })
    assert.deepEqual([refused.status, refused.json], [403, denied])
  }
  for (const account of ['nobody', '%00', `${client.account}%00`]) {
    const nobody = await post(`${server.url}/authtokenget/${account}`, { AccountPassword: client.password })
    assert.deepEqual([nobody.status, nobody.json], [403, denied], account)
  }
  const missing = await post(place, { Version: 1 })
  assert.deepEqual([missing.status, missing.json], [400, { detail: 'missing required field: AccountPassword' }])
  assert.equal((await server.call('GET', '/queues')).status, 200, 'the server is still open to the others')
})

test('the token travels in either header or in the body, and the first that is there decides', async (t) => {
  const { client, server } = await startStanding(t)
  const other = await Client.create(server.url)
  const { token } = client
  const send = async (headers: Record<string, string>, fields: object = {}) =>
    (await post(`${server.url}/messagesend/${client.account}/q`, { ...message, ...fields }, headers)).status
  const good: [Record<string, string>, object?][] = [
    [{ AuthToken: token }],
    [{ authtoken: token }],
    [{ Authorization: `Bearer ${token}` }],
    [{ Authorization: `bearer ${token}` }],
    [{ Authorization: `BEARER  ${token} ` }],
    [{}, { AuthToken: token }],
    [{ AuthToken: token, Authorization: 'Bearer wrong' }, { AuthToken: 'wrong' }],
    [{ Authorization: `Bearer ${token}` }, { AuthToken: 'wrong' }],
    [{ Authorization: 'Basic Zm9vOmJhcg==' }, { AuthToken: token }],
    [{ Authorization: token }, { AuthToken: token }],
  ]
  for (const [headers, fields] of good)
    assert.equal(await send(headers, fields), 200, JSON.stringify([headers, fields]))
  const bad: [Record<string, string>, object?][] = [
    [{}],
    [{ AuthToken: '' }],
    [{ AuthToken: 'wrong' }, { AuthToken: token }],
    [{ AuthToken: '', Authorization: `Bearer ${token}` }],
    [{ Authorization: token }],
    [{ Authorization: `Token ${token}` }],
    [{ Authorization: 'Bearer' }],
    [{ Authorization: 'Bearer wrong' }, { AuthToken: token }],
    [{ AuthToken: `${token}x` }],
    [{ AuthToken: token.slice(1) }],
    [{ AuthToken: other.token }],
    [{ AuthToken: client.password }],
    [{}, { AuthToken: 7 }],
    [{}, { AuthToken: null }],
    [{}, { AuthToken: other.token }],
  ]
  for (const [headers, fields] of bad) assert.equal(await send(headers, fields), 403, JSON.stringify([headers, fields]))
  for (const account of [
    'nobody',
    client.account.toUpperCase(),
    `${client.account}x`,
    'ba4b1fb8-b230-4a3a-8760f1960b6a42f8',
  ]) {
    const { status, json } = await post(`${server.url}/queueslist/${account}`, {}, { AuthToken: token })
    assert.deepEqual([status, json], [403, denied])
  }
  assert.deepEqual(await client.queues(), { q: good.length }, 'what was refused changed nothing')
})

test('accounts share nothing', async (t) => {
  const { client, server } = await startStanding(t)
  const other = await Client.create(server.url)
  await client.send('q', 'mine')
  assert.deepEqual(await other.texts('q'), [])
  await other.clear('q')
  assert.deepEqual([await client.queues(), await other.queues()], [{ q: 1 }, {}])
})

test('guesses at a password are few, and do not concern other accounts', async (t) => {
  const { client, server, clock } = await startStanding(t)
  const get = (AccountPassword: string) => post(`${server.url}/authtokenget/${client.account}`, { AccountPassword })
  for (let guess = 0; guess < 10; guess++) assert.equal((await get('wrong')).status, 403)
  const refused = await get(client.password)
  assert.deepEqual([refused.status, refused.json], [429, { error: 'too many attempts' }])
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  clock.advance(10_000)
  assert.equal((await get(client.password)).status, 200)
})

test('sign-up can be switched off', async (t) => {
  const server = await startTestServer(t, { starqueue: { signUp: false } })
  const { status, json } = await post(`${server.url}/accountcreate`, {})
  assert.deepEqual([status, json], [403, denied])
})

test('accounts may stand in the configuration, with the id and the password that a client has already', async (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'password'), 'Another1-password\n')
  const name = 'ba4b1fb8-b230-4a3a-8760f1960b6a42f8'
  const accounts = [
    { name, password: 'Kettle7-marble-31x' },
    { name: 'two', passwordFile: 'password' },
  ]
  const server = await startTestServer(t, { accounts }, { directory })
  for (const [account, AccountPassword] of [
    [name, 'Kettle7-marble-31x'],
    ['two', 'Another1-password'],
  ]) {
    const { json } = await post(`${server.url}/authtokenget/${account}`, { AccountPassword })
    const client = new Client(server.url, { ...json, accountid: account })
    await client.send('q', 'x')
    assert.deepEqual(await client.texts('q'), ['x'])
  }
  assert.equal((await server.call('GET', '/queues')).status, 401, 'the server is closed by them')
  const log = server.lines.join('')
  assert.equal(/Kettle7|Another1/.test(log), false)
})

test('tokens can be given a lifetime', async (t) => {
  const clock = fakeClock()
  const server = await startTestServer(
    t,
    { starqueue: { tokenLifetimeMs: 60_000 } },
    { clock, store: await chosenStore(memoryStore) },
  )
  const client = await Client.create(server.url)
  await client.send('q', 'x')
  clock.advance(60_000)
  assert.equal((await client.call('queueslist', null)).status, 403)
})

test('no password and no token is ever logged', async (t) => {
  const server = await startTestServer(t)
  const client = await Client.create(server.url)
  await client.send('q', 'x')
  await post(`${server.url}/authtokenget/${client.account}?AccountPassword=${client.password}`, {
    AccountPassword: client.password,
  })
  await post(`${server.url}/nowhere/${client.account}`, { AuthToken: client.token }, { AuthToken: client.token })
  await server.close()
  const log = server.lines.join('')
  assert.match(log, /\/messagesend\//)
  for (const secret of [client.password, client.token]) assert.equal(log.includes(secret), false)
})

test('one identity: keys of an account are tokens here, within their scopes, and tokens of a password work elsewhere', async (t) => {
  const keys = [
    { id: 'sender', secret: 'a-long-secret-of-sender', scopes: ['send'], queues: ['in*'] },
    { id: 'receiver', secret: 'a-long-secret-of-receiver', scopes: ['receive'] },
  ]
  const shop = { ...accountNamed('shop', ...keys), password: 'Kettle7-marble-31x' }
  const server = await startTestServer(t, { accounts: [shop] })
  const call = async (token: string, name: string, queue: string | null, fields: object = {}) => {
    const place = queue === null ? '' : `/${queue}`
    return (await post(`${server.url}/${name}/shop${place}`, fields, { AuthToken: token })).status
  }
  const [sender, receiver] = [tokenOf('sender'), tokenOf('receiver')]
  assert.equal(await call(sender, 'messagesend', 'inbox', message), 200)
  assert.equal(await call(sender, 'messagesend', 'outbox', message), 403)
  assert.equal(await call(sender, 'messagesend', 'inbox', { ...message, DeadLetterQueueName: 'outbox' }), 403)
  assert.equal(await call(sender, 'messagereceive', 'inbox', { WaitTimeSeconds: 0 }), 403)
  assert.equal(await call(sender, 'queueclear', 'inbox'), 403)
  assert.equal(await call(receiver, 'messagereceive', 'inbox', { WaitTimeSeconds: 0 }), 200)
  assert.equal(await call(receiver, 'messagesend', 'inbox', message), 403)
  assert.equal(await call(receiver, 'queueslist', null), 200)

  const { json } = await post(`${server.url}/authtokenget/shop`, { AccountPassword: 'Kettle7-marble-31x' })
  const token = String(json.AuthToken)
  assert.equal((await server.call('GET', '/queues', { token })).status, 200)
  assert.equal((await server.call('GET', '/accounts', { token })).status, 403, 'the server is not theirs')
})
