import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fakeClock } from '../../testing/index.ts'
import { createIdentity } from './create-identity.ts'
import { fakeDocuments } from './fake-documents.ts'
import type { SessionLogIn } from './identity.ts'
import { SessionTokens } from './session-token.ts'

const hour = 3_600_000
const serverKey = randomBytes(32)
const secret = 'a-secret-of-16-or-more'
const password = 'a-password-of-12'

const setUp = async ({ open = false, documents = fakeDocuments(), clock = fakeClock(), keySecret = secret } = {}) => {
  const grants = [{ scope: 'send', queues: 'q*' } as const]
  const configured = open ? [] : [{ name: 'main', password, keys: [{ id: 'key', secret: keySecret, grants }] }]
  const identity = await createIdentity({ engine: documents.engine, clock, randomBytes, serverKey, open, configured })
  return { identity, documents, clock }
}

const tokenOf = (answer: SessionLogIn): string => {
  assert.ok('token' in answer, JSON.stringify(answer))
  return answer.token
}

test('a key and a password are traded for tokens that are good for what they are good for, until they end', async () => {
  const { identity, clock, documents } = await setUp()
  const byKey = await identity.beginSession({ user: 'key', secret }, hour)
  const byPassword = await identity.beginSession({ user: 'main', secret: password }, 2 * hour)
  assert.deepEqual(await identity.byToken(tokenOf(byKey)), {
    account: 'main',
    keyId: 'key',
    grants: [{ scope: 'send', queues: 'q*' }],
  })
  assert.equal((await identity.byToken(tokenOf(byPassword)))?.account, 'main')
  assert.equal((await identity.findSession(tokenOf(byKey)))?.expiresAt, clock.now() + hour)

  const { identity: restarted } = await setUp({ clock, documents })
  assert.equal((await restarted.byToken(tokenOf(byKey)))?.keyId, 'key')
  clock.advance(hour)
  assert.equal(await restarted.byToken(tokenOf(byKey)), undefined)
  assert.equal((await restarted.byToken(tokenOf(byPassword)))?.account, 'main')
})

test('wrong secrets and changed tokens are nobody’s', async () => {
  const { identity } = await setUp()
  for (const [user, given] of [
    ['key', 'x'.repeat(20)],
    ['main', secret],
    ['nobody', secret],
    ['', ''],
    ['key', ''],
  ] as const) {
    assert.deepEqual(await identity.beginSession({ user, secret: given }, hour), { refused: 'wrong' }, user)
  }
  const token = tokenOf(await identity.beginSession({ user: 'key', secret }, hour))
  for (const other of [`${token}x`, token.slice(0, -1), token.replace('mrs_', 'mrs_x'), 'mrs_', 'mrs_.', 'mrs_a.b']) {
    assert.equal(await identity.byToken(other), undefined, other)
  }
  const forged = new SessionTokens(randomBytes(32)).sign({
    by: 'key',
    subject: 'key',
    version: '',
    issuedAt: 0,
    expiresAt: 2 ** 50,
  })
  assert.equal(await identity.byToken(forged), undefined)
})

test('a key with another secret, or none any more, ends the tokens of the first', async () => {
  const { identity, clock, documents } = await setUp()
  const token = tokenOf(await identity.beginSession({ user: 'key', secret }, hour))
  const { identity: later } = await setUp({ clock, documents, keySecret: `${secret}-and-another` })
  assert.equal(await later.byToken(token), undefined)
})

test('an open server gives tokens to anybody, which are void as soon as it is closed', async () => {
  const { identity, clock, documents } = await setUp({ open: true })
  const { token, principal } = identity.beginOpenSession('alice', hour)
  assert.equal(principal.account, 'alice')
  assert.equal((await identity.byToken(token))?.account, 'alice')
  assert.equal(identity.beginOpenSession(undefined, hour).principal.account, 'default')
  const { identity: closed } = await setUp({ clock, documents })
  assert.equal(await closed.byToken(token), undefined)
})

test('a token that was revoked is nobody’s, here at once, on other nodes soon, and after a restart', async () => {
  const { identity, clock, documents } = await setUp()
  const elsewhere = (await setUp({ clock, documents })).identity
  const token = tokenOf(await identity.beginSession({ user: 'key', secret }, hour))
  clock.advance(1)
  const other = tokenOf(await identity.beginSession({ user: 'key', secret }, hour))
  for (const node of [identity, elsewhere]) assert.equal((await node.byToken(token))?.keyId, 'key')
  await identity.endSession(token)
  await identity.endSession('mrs_nonsense')
  assert.equal(await identity.byToken(token), undefined)
  assert.equal(await identity.findSession(token), undefined)
  clock.advance(10_000)
  assert.equal(await elsewhere.byToken(token), undefined)
  const { identity: restarted } = await setUp({ clock, documents })
  assert.equal(await restarted.byToken(token), undefined)
  assert.equal((await restarted.byToken(other))?.keyId, 'key', 'and no other one is')
})

test('a token that is in use is checked without a read', async () => {
  const { identity, documents } = await setUp()
  const token = tokenOf(await identity.beginSession({ user: 'key', secret }, hour))
  await identity.byToken(token)
  const before = documents.reads()
  for (let i = 0; i < 5; i++) assert.ok(!(identity.byToken(token) instanceof Promise))
  assert.equal(documents.reads(), before)
})
