import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fakeClock } from '../../testing/index.ts'
import { isRefusal } from '../errors.ts'
import { createIdentity, type IdentityOptions } from './create-identity.ts'
import { type FakeDocuments, fakeDocuments } from './fake-documents.ts'
import type { Grant } from './identity.ts'
import { type ConfiguredKey, collections } from './model.ts'

const grants: Grant[] = [{ scope: 'send', queues: '*' }]
const admin: Grant = { scope: 'admin', queues: '*' }
const text = '3f0cb2a17d5e4c60'
const serverKey = randomBytes(32)

const setUp = async (documents: FakeDocuments = fakeDocuments(), options: Partial<IdentityOptions> = {}) => {
  const clock = fakeClock()
  const common = { engine: documents.engine, clock, randomBytes, serverKey, open: false }
  const identity = await createIdentity({ ...common, ...options })
  await identity.putAccount({ name: 'shop' })
  return { documents, clock, identity }
}

const webKey: ConfiguredKey = {
  id: 'web',
  secret: text,
  grants,
  client: { enforceSession: true, authorizedDomains: [] },
}
const configured = (...keys: ConfiguredKey[]) => ({ configured: [{ name: 'shop', keys }] })

test('a client key is found by its text, with its terms, and is nothing else', async () => {
  const { identity, documents } = await setUp()
  const client = { key: text, enforceSession: true, authorizedDomains: ['shop.example.com'] }
  const issued = await identity.createKey({ account: 'shop', grants, client })
  assert.ok(issued)
  assert.deepEqual([issued.secret, issued.token], [text, text])
  const terms = { enforceSession: true, authorizedDomains: ['shop.example.com'] }
  assert.deepEqual(issued.key.client, terms)
  const found = await identity.byClientKey(text)
  assert.deepEqual(found?.client, terms)
  assert.deepEqual(found?.principal, { account: 'shop', keyId: issued.key.id, grants })
  assert.ok(!(identity.byClientKey(text) instanceof Promise), 'the second time nothing is read')
  assert.equal(await identity.byClientKey(`${text} `), undefined)
  assert.equal(await identity.byToken(`mr_${issued.key.id}_${text}`), undefined)
  assert.equal(await identity.byClientKey(`mr_${issued.key.id}_${text}`), undefined)
  assert.equal(await identity.bySignature(issued.key.id, () => true), undefined)
  assert.equal(documents.text().includes(text), false)
  assert.deepEqual(
    (await identity.listKeys('shop')).map(({ client: listed }) => listed),
    [terms],
  )
})

test('the token of any other key will do as well, without terms', async () => {
  const { identity } = await setUp()
  const issued = await identity.createKey({ account: 'shop', grants })
  const found = await identity.byClientKey(issued?.token ?? '')
  assert.equal(found?.client, null)
  assert.equal(found?.principal.account, 'shop')
})

test('a key that is made up is long; two keys never have the same text', async () => {
  const { identity } = await setUp()
  const made = await identity.createKey({ account: 'shop', grants, client: {} })
  assert.match(made?.token ?? '', /^[0-9a-z]{40}$/)
  assert.deepEqual(made?.key.client, { enforceSession: false, authorizedDomains: [] })
  await identity.createKey({ account: 'shop', grants, client: { key: text } })
  await identity.putAccount({ name: 'other' })
  const again = identity.createKey({ account: 'other', grants, client: { key: text } })
  await assert.rejects(again, (error) => isRefusal(error, 'ArgumentInvalid') && error.data.argument === 'client.key')
})

test('of two keys that get the same text in one moment, on two nodes, one is refused', async () => {
  const one = await setUp()
  const two = await setUp(one.documents)
  await one.identity.putAccount({ name: 'other' })
  const outcomes = await Promise.allSettled([
    one.identity.createKey({ account: 'shop', grants, client: { key: text } }),
    two.identity.createKey({ account: 'other', grants, client: { key: text } }),
  ])
  const [first, second] = outcomes
  assert.ok(first.status === 'fulfilled' && second.status === 'rejected')
  const { reason } = second
  assert.ok(isRefusal(reason, 'ArgumentInvalid') && reason.data.argument === 'client.key')
  assert.equal((await two.identity.byClientKey(text))?.principal.keyId, first.value?.key.id)
  assert.deepEqual(await two.identity.listKeys('other'), [])
})

test('what cannot be a client key is refused', async () => {
  const { identity } = await setUp()
  const rows: [Parameters<typeof identity.createKey>[0], string][] = [
    [{ account: 'shop', grants: [admin], client: {} }, 'scopes'],
    [{ account: 'shop', grants, client: { key: 'short' } }, 'client.key'],
    [{ account: 'shop', grants, client: { key: 'with a space in the middle' } }, 'client.key'],
    [{ account: 'shop', grants, client: { key: 'mr_web_0123456789abcdef' } }, 'client.key'],
    [{ account: 'shop', grants, client: { authorizedDomains: ['https://x.org'] } }, 'client.authorizedDomains'],
  ]
  for (const [key, argument] of rows) {
    await assert.rejects(
      identity.createKey(key),
      (error) => isRefusal(error, 'ArgumentInvalid') && error.data.argument === argument,
      argument,
    )
  }
  assert.deepEqual(await identity.listKeys('shop'), [])
})

test('it ends when it is revoked or expires, and its text can be used again', async () => {
  const { identity, clock, documents } = await setUp()
  const issued = await identity.createKey({ account: 'shop', grants, client: { key: text } })
  assert.ok(await identity.byClientKey(text))
  await identity.removeKey('shop', issued?.key.id ?? '')
  assert.equal(await identity.byClientKey(text), undefined)
  assert.equal((await documents.engine.listDocuments({ collection: collections.clientKeys, limit: 1 })).length, 0)
  await identity.createKey({ account: 'shop', grants, client: { key: text }, expiresAt: clock.now() + 1000 })
  assert.ok(await identity.byClientKey(text))
  clock.advance(1000)
  assert.equal(await identity.byClientKey(text), undefined)
})

test('one that stands in the configuration follows it', async () => {
  const { documents, identity } = await setUp(fakeDocuments(), configured(webKey))
  assert.deepEqual((await identity.byClientKey(text))?.client, webKey.client)
  const writes = documents.writes()
  await setUp(documents, configured(webKey))
  assert.equal(documents.writes(), writes + 0, 'nothing is written when nothing has changed')

  const other = 'another-text-of-the-same-key'
  const changed = await setUp(documents, configured({ ...webKey, secret: other }))
  assert.equal(await changed.identity.byClientKey(text), undefined)
  assert.equal((await changed.identity.byClientKey(other))?.principal.keyId, 'web')
  const noClient = await setUp(documents, configured({ id: 'web', secret: other, grants }))
  assert.equal(await noClient.identity.byClientKey(other), undefined)
  assert.equal((await noClient.identity.byClientKey(`mr_web_${other}`))?.principal.keyId, 'web')
  const gone = await setUp(documents, configured())
  assert.equal(await gone.identity.byClientKey(`mr_web_${other}`), undefined)

  const twice = configured(webKey, { ...webKey, id: 'app' })
  await assert.rejects(setUp(documents, twice), (error) => isRefusal(error, 'ArgumentInvalid'))
})
