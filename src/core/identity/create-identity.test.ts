import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type FakeClock, fakeClock } from '../../testing/index.ts'
import { isRefusal } from '../errors.ts'
import { createIdentity, type IdentityOptions } from './create-identity.ts'
import { type FakeDocuments, fakeDocuments } from './fake-documents.ts'
import type { Grant } from './identity.ts'
import { collections, keptAfterExpiryMs } from './model.ts'
import { projectIdOf } from './project-id.ts'

const sendAll: Grant = { scope: 'send', queues: '*' }
const admin: Grant = { scope: 'admin', queues: '*' }
const serverKey = randomBytes(32)

interface Setup extends Partial<IdentityOptions> {
  readonly documents?: FakeDocuments
  readonly clock?: FakeClock
}

const setUp = async ({ documents = fakeDocuments(), clock = fakeClock(), ...options }: Setup = {}) => {
  const common = { engine: documents.engine, clock, randomBytes, serverKey, open: true }
  const identity = await createIdentity({ ...common, ...options })
  return { documents, clock, identity }
}

test('without any account a loopback server is open, and an account comes into being when it is named', async () => {
  const { identity } = await setUp()
  assert.equal(identity.open, true)
  const principal = identity.openPrincipal()
  assert.deepEqual(principal, { account: 'default', keyId: null, grants: principal.grants })
  assert.deepEqual(principal.grants.map(({ scope }) => scope).sort(), ['admin', 'manage', 'receive', 'send'])
  assert.equal(identity.openPrincipal('shop').account, 'shop')
  assert.equal(identity.openPrincipal('shop'), identity.openPrincipal('shop'))
  const { accounts } = await identity.listAccounts()
  assert.deepEqual(
    accounts.map(({ name }) => name),
    ['default', 'shop'],
  )
  assert.throws(
    () => identity.openPrincipal('a\nb'),
    (error) => isRefusal(error, 'ArgumentInvalid'),
  )
})

test('the first key closes the other nodes of the store too, ten seconds later', async () => {
  const { identity, documents, clock } = await setUp()
  const { identity: other } = await setUp({ documents, clock })
  await identity.putAccount({ name: 'shop' })
  assert.ok(await identity.createKey({ account: 'shop', grants: [admin] }))
  assert.deepEqual([identity.open, other.open], [false, true])
  clock.advance(10_000)
  assert.equal(other.open, true, 'it looks now')
  await nextTurn()
  assert.equal(other.open, false)
  assert.throws(() => other.openPrincipal(), /not open/)
})

test('an account that another open node has removed is there again when it is named, ten seconds later', async () => {
  const { identity, documents, clock } = await setUp()
  const { identity: other } = await setUp({ documents, clock })
  identity.openPrincipal('shop')
  assert.equal(await other.removeAccount('shop'), 'removed')
  clock.advance(10_000)
  assert.equal(identity.openPrincipal('shop').account, 'shop')
  assert.equal((await other.getAccount('shop'))?.name, 'shop')
})

test('an open server knows its accounts by their project ids, after a restart too', async () => {
  const uuid = '6f1c0d0e-3a53-4d8e-9a41-0d6f0a6f4a11'
  const named = '0123456789abcdef0123456789abcdef'
  const { identity, documents } = await setUp()
  assert.equal((await identity.openPrincipalOfProject(projectIdOf('default'))).account, 'default')
  for (const account of ['shop', uuid, named]) {
    identity.openPrincipal(account)
    assert.equal((await identity.openPrincipalOfProject(projectIdOf(account))).account, account)
  }
  const fresh = 'f'.repeat(32)
  assert.equal((await identity.openPrincipalOfProject(fresh)).account, fresh, 'it comes into being')
  const restarted = await setUp({ documents })
  for (const account of ['shop', uuid, named, fresh, 'default']) {
    assert.equal((await restarted.identity.openPrincipalOfProject(projectIdOf(account))).account, account)
  }
})

test('a server that may not be open is closed', async () => {
  const { identity } = await setUp({ open: false })
  assert.equal(identity.open, false)
  assert.throws(() => identity.openPrincipal())
})

test('the first key closes the server, for good, and must be able to make others', async () => {
  const { identity, documents } = await setUp()
  await identity.putAccount({ name: 'shop' })
  assert.equal(identity.open, true)
  await assert.rejects(identity.createKey({ account: 'shop', grants: [sendAll] }), (error) => isRefusal(error))
  assert.equal(identity.open, true)
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll, admin] })
  assert.ok(issued)
  assert.equal(identity.open, false)
  const restarted = await setUp({ documents })
  assert.equal(restarted.identity.open, false)
  assert.equal((await restarted.identity.byToken(issued.token))?.account, 'shop')
})

test('a token is good until its key is revoked or expires', async () => {
  const { identity, clock } = await setUp({ open: false })
  await identity.putAccount({ name: 'shop' })
  const forever = await identity.createKey({ account: 'shop', grants: [sendAll], name: 'forever' })
  const minute = await identity.createKey({ account: 'shop', grants: [sendAll], expiresAt: clock.now() + 60_000 })
  assert.ok(forever && minute)
  assert.deepEqual(await identity.byToken(forever.token), {
    account: 'shop',
    keyId: forever.key.id,
    grants: [sendAll],
  })
  assert.ok(await identity.byToken(minute.token))
  clock.advance(59_999)
  assert.ok(await identity.byToken(minute.token))
  clock.advance(1)
  assert.equal(await identity.byToken(minute.token), undefined)
  const expired = [minute.token, `${minute.token}x`, forever.token, 'mr_nobody_x', 'x'].map(identity.hasExpired)
  assert.deepEqual(await Promise.all(expired), [true, false, false, false, false])
  assert.equal(await identity.bySignature(minute.key.id, () => true), undefined)
  assert.equal(await identity.removeKey('shop', forever.key.id), 'removed')
  assert.equal(await identity.byToken(forever.token), undefined)
  assert.equal(await identity.removeKey('shop', forever.key.id), 'absent')
})

test('what is not a token of a key is nobody', async () => {
  const { identity } = await setUp({ open: false })
  await identity.putAccount({ name: 'shop' })
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(issued)
  const { token, key, secret } = issued
  for (const wrong of ['', 'mr_', 'mr__', `mr_${key.id}`, `mr_${key.id}_`, `mr__${secret}`, token.slice(0, -1)]) {
    assert.equal(await identity.byToken(wrong), undefined, wrong)
  }
  for (const wrong of [`${token}0`, secret, token.toUpperCase(), `mr_${key.id}0_${secret}`, `mr_${key.id}_é`]) {
    assert.equal(await identity.byToken(wrong), undefined, wrong)
  }
})

test('a token that was checked lately is checked again without a read, until another node may have revoked it', async () => {
  const { identity, documents, clock } = await setUp({ open: false })
  await identity.putAccount({ name: 'shop' })
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(issued)
  const first = identity.byToken(issued.token)
  const meanwhile = identity.byToken(issued.token)
  assert.ok(first instanceof Promise && meanwhile instanceof Promise)
  assert.equal(await first, await meanwhile)
  const reads = documents.reads()
  assert.equal(identity.byToken(issued.token), await first)
  assert.equal(documents.reads(), reads)

  const elsewhere = await setUp({ documents, clock, open: false })
  await elsewhere.identity.removeKey('shop', issued.key.id)
  clock.advance(10_000)
  assert.equal(await identity.byToken(issued.token), undefined)
})

test('a key that is revoked while it is being read is not remembered', async () => {
  const { identity } = await setUp({ open: false })
  await identity.putAccount({ name: 'shop' })
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(issued)
  const reading = identity.byToken(issued.token)
  await identity.removeKey('shop', issued.key.id)
  await reading
  assert.equal(await identity.byToken(issued.token), undefined)
})

test('secrets are stored hashed and sealed, never as they are', async () => {
  const { identity, documents } = await setUp({ open: false })
  await identity.putAccount({ name: 'shop' })
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(issued)
  assert.equal(documents.text().includes(issued.secret), false)
  const isIts = (secret: string) => secret === issued.secret
  assert.equal((await identity.bySignature(issued.key.id, isIts))?.keyId, issued.key.id)
  assert.equal(await identity.bySignature(issued.key.id, () => false), undefined)
  assert.equal(await identity.bySignature('nobody', () => true), undefined)
  const reads = documents.reads()
  for (const id of ['', 'a/b', 'a\u0000', 'x'.repeat(129)]) {
    assert.equal(await identity.bySignature(id, () => true), undefined)
    assert.equal(await identity.byToken(`mr_${id}_secret`), undefined)
  }
  assert.equal(documents.reads(), reads, 'what can be no key’s id is not looked for')
  const otherServer = await setUp({ documents, open: false, serverKey: randomBytes(32) })
  assert.equal(await otherServer.identity.bySignature(issued.key.id, () => true), undefined)
  assert.ok(await otherServer.identity.byToken(issued.token))
})

test('the use of a key is shown at once and written now and then', async () => {
  const { identity, documents, clock } = await setUp({ open: false })
  await identity.putAccount({ name: 'shop' })
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(issued)
  const lastUse = async (of = identity) => (await of.listKeys('shop'))[0]?.lastUsedAt
  assert.equal(await lastUse(), null)
  const usedAt = clock.now()
  const writes = documents.writes()
  for (let i = 0; i < 100; i++) await identity.byToken(issued.token)
  assert.equal(documents.writes(), writes)
  assert.equal(await lastUse(), usedAt)
  await identity.stop()
  const restarted = await setUp({ documents, clock, open: false })
  assert.equal(await lastUse(restarted.identity), usedAt)
})

test('a use that could not be written is shown all the same, and written with the next', async () => {
  const documents = fakeDocuments()
  let isAway = false
  const changeDocuments: typeof documents.engine.changeDocuments = async (change) => {
    if (isAway) throw new Error('the store is away')
    return documents.engine.changeDocuments(change)
  }
  const { identity, clock } = await setUp({ open: false, engine: { ...documents.engine, changeDocuments } })
  await identity.putAccount({ name: 'shop' })
  const used = await identity.createKey({ account: 'shop', grants: [sendAll] })
  const usedLater = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(used && usedLater && (await identity.byToken(used.token)))
  const usedAt = clock.now()
  const lastUse = async (of = identity) => (await of.listKeys('shop')).find(({ id }) => id === used.key.id)?.lastUsedAt
  isAway = true
  clock.advance(300_000)
  await nextTurn()
  assert.equal(await lastUse(), usedAt)
  isAway = false
  assert.ok(await identity.byToken(usedLater.token))
  await identity.stop()
  assert.equal(await lastUse((await setUp({ documents, clock, open: false })).identity), usedAt)
})

test('what is noted of the use of a key goes with the key, on whatever node it was used', async () => {
  const { identity, documents, clock } = await setUp({ open: false })
  const { identity: other } = await setUp({ documents, clock, open: false })
  await identity.putAccount({ name: 'shop' })
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(issued)
  const noted = () => documents.engine.listDocuments({ collection: collections.keyUse, limit: 1 })
  assert.ok(await identity.byToken(issued.token))
  assert.ok(await other.byToken(issued.token))
  await identity.stop()
  assert.equal((await noted()).length, 1)
  assert.equal(await identity.removeKey('shop', issued.key.id), 'removed')
  await other.stop()
  assert.deepEqual(await noted(), [])
  assert.deepEqual(await other.listKeys('shop'), [])
})

test('what is noted of the use of a key expires with it', async () => {
  const clock = fakeClock()
  const documents = fakeDocuments()
  const start = (expiresAt: number | null) => {
    const keys = [{ id: 'one', secret: 'secret-of-one-0123', grants: [sendAll], expiresAt }]
    return setUp({ documents, clock, configured: [{ name: 'shop', keys }] })
  }
  const ends = async () => {
    const found = [collections.keys, collections.keyUse].map((name) => documents.engine.getDocument(name, 'one'))
    return (await Promise.all(found)).map((document) => document?.expiresAt)
  }
  const minute = clock.now() + 60_000
  const { identity } = await start(minute)
  assert.ok(await identity.byToken('mr_one_secret-of-one-0123'))
  await identity.stop()
  assert.deepEqual(await ends(), [minute + keptAfterExpiryMs, minute + keptAfterExpiryMs])
  await start(null)
  assert.deepEqual(await ends(), [null, null])
  await start(minute)
  assert.deepEqual(await ends(), [minute + keptAfterExpiryMs, minute + keptAfterExpiryMs])
})

test('an account goes with its keys, unless it has queues', async () => {
  const { identity, documents } = await setUp({ open: false })
  await identity.putAccount({ name: 'shop', displayName: 'The shop' })
  const issued = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(issued)
  documents.hasQueues = true
  assert.equal(await identity.removeAccount('shop'), 'has-queues')
  assert.ok(await identity.byToken(issued.token))
  documents.hasQueues = false
  assert.equal(await identity.removeAccount('shop'), 'removed')
  assert.equal(await identity.byToken(issued.token), undefined)
  assert.equal(await identity.removeAccount('shop'), 'absent')
  assert.equal(await identity.createKey({ account: 'shop', grants: [sendAll] }), undefined)
  assert.equal((await setUp({ documents })).identity.open, true)
})

test('accounts are listed in pages, and keep their name for people until it changes', async () => {
  const { identity } = await setUp({ open: false })
  for (const name of ['c', 'a', 'b']) await identity.putAccount({ name, displayName: name.toUpperCase() })
  const first = await identity.listAccounts({ limit: 2 })
  assert.deepEqual([first.accounts.map(({ name }) => name), first.next], [['a', 'b'], 'b'])
  const second = await identity.listAccounts({ limit: 2, after: 'b' })
  assert.deepEqual([second.accounts.map(({ name }) => name), second.next], [['c'], null])
  const kept = await identity.putAccount({ name: 'a' })
  assert.deepEqual([kept.created, kept.account.displayName], [false, 'A'])
  const changed = await identity.putAccount({ name: 'a', displayName: 'Alpha' })
  assert.equal(changed.account.displayName, 'Alpha')
})

test('the configuration file decides about its own keys at every start', async () => {
  const key = (id: string, secret = `secret-of-${id}-0123`) => ({ id, secret, grants: [sendAll] })
  const configured = (...keys: ReturnType<typeof key>[]) => [{ name: 'shop', keys }]
  const { identity, documents } = await setUp({ configured: configured(key('one'), key('two')) })
  assert.equal(identity.open, false)
  assert.ok(await identity.byToken('mr_one_secret-of-one-0123'))
  assert.equal(await identity.removeKey('shop', 'one'), 'configured')
  assert.equal(await identity.removeAccount('shop'), 'configured')
  const made = await identity.createKey({ account: 'shop', grants: [sendAll] })
  assert.ok(made)

  const writes = documents.writes()
  await setUp({ documents, configured: configured(key('one'), key('two')) })
  assert.equal(documents.writes(), writes, 'an unchanged file writes nothing')

  const changed = await setUp({ documents, configured: configured(key('one', 'another-secret-of-one')) })
  assert.equal(await changed.identity.byToken('mr_one_secret-of-one-0123'), undefined)
  assert.ok(await changed.identity.byToken('mr_one_another-secret-of-one'))
  assert.equal(await changed.identity.byToken('mr_two_secret-of-two-0123'), undefined)
  assert.ok(await changed.identity.byToken(made.token))

  const without = await setUp({ documents })
  assert.equal(without.identity.open, false, 'a key that was made otherwise still closes the server')
  await without.identity.removeKey('shop', made.key.id)
  assert.equal((await setUp({ documents })).identity.open, false, 'revoking the last key does not open it')
})

test('an account that only the configuration file gave keys leaves no closed server behind', async () => {
  const keys = [{ id: 'one', secret: 'secret-of-one-0123', grants: [sendAll] }]
  const { documents } = await setUp({ configured: [{ name: 'shop', keys }] })
  const without = await setUp({ documents })
  assert.equal(without.identity.open, true)
  assert.ok(await without.identity.getAccount('shop'))
})
