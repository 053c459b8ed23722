// Accounts are removed while something is given to them, by other nodes of the same store too, and by nodes that do not live to finish it.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fakeClock } from '../../testing/index.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { createIdentity, type IdentityService } from './create-identity.ts'
import { type FakeDocuments, fakeDocuments } from './fake-documents.ts'
import type { Grant } from './identity.ts'

const serverKey = randomBytes(32)
const grants: Grant[] = [{ scope: 'send', queues: '*' }]
const rooby = { email: 'rooby@example.com', password: 'secret' }
const client = { family: 'Other' }

/** A node over the store; `before` is called before each thing that it asks of that. */
const startNode = (documents: FakeDocuments, before?: () => Promise<void>): Promise<IdentityService> =>
  createIdentity({
    engine: before ? asking(documents.engine, before) : documents.engine,
    clock: fakeClock(),
    randomBytes,
    serverKey,
    open: false,
    passwordStrength: { N: 2, r: 8, p: 1 },
  })

const asking = (engine: FakeDocuments['engine'], before: () => Promise<void>): FakeDocuments['engine'] =>
  new Proxy(engine, {
    get:
      (_, name) =>
      async (...given: unknown[]) => {
        await before()
        return Reflect.apply(Reflect.get(engine, name), engine, given)
      },
  })

/** Everything that an account may have: a key, a client key, a user with a session. */
const furnish = async (node: IdentityService) => {
  await node.putAccount({ name: 'shop' })
  const key = await node.createKey({ account: 'shop', grants })
  assert.ok(key && (await node.createKey({ account: 'shop', grants, client: {} })))
  const made = await node.users.signUp('shop', rooby, client)
  assert.ok('user' in made && (await node.byToken(key.token)))
  await node.stop()
  return { token: key.token, session: made.session, user: made.user }
}

/** Runs `act` again and again, with `inserted` before the first thing that it asks of the store, then before the second, and so on. */
const atEveryPoint = async (
  act: (node: IdentityService) => Promise<unknown>,
  inserted: (node: IdentityService) => Promise<unknown>,
  check: (documents: FakeDocuments, other: IdentityService, at: string) => Promise<void>,
) => {
  let wasInserted = true
  for (let point = 0; wasInserted; point++) {
    wasInserted = false
    const documents = fakeDocuments()
    const other = await startNode(documents)
    await furnish(other)
    let left = Number.POSITIVE_INFINITY
    const node = await startNode(documents, async () => {
      if (left-- !== 0) return
      wasInserted = true
      await inserted(other)
    })
    left = point
    await act(node)
    if (wasInserted) await check(documents, other, `at point ${point}`)
  }
}

const remove = (node: IdentityService) => node.removeAccount('shop')

const gifts: Readonly<Record<string, (node: IdentityService) => Promise<unknown>>> = {
  'a key': (node) => node.createKey({ account: 'shop', grants }),
  'a client key': (node) => node.createKey({ account: 'shop', grants, client: {} }),
  'a user': (node) => node.users.signUp('shop', { ...rooby, email: 'other@example.com' }, client),
  'a session': (node) => node.users.signIn('shop', rooby, client),
  'another name for people': (node) => node.putAccount({ name: 'shop', displayName: 'The shop' }),
}

for (const [what, give] of Object.entries(gifts)) {
  test(`${what}, given to an account while it is removed, is gone with it or refused`, async () => {
    const isGone = async (documents: FakeDocuments, other: IdentityService, at: string) => {
      if (await other.getAccount('shop')) assert.equal(what, 'another name for people', at)
      else assert.equal(documents.text(), '[]', at)
    }
    await atEveryPoint(give, remove, isGone)
    await atEveryPoint(remove, give, isGone)
  })
}

test('an account that comes into being again while one of its name is removed has what it is given, and nothing of the other', async () => {
  let made: Awaited<ReturnType<typeof furnish>> | undefined
  const remake = async (node: IdentityService) => {
    await node.removeAccount('shop')
    made = await furnish(node)
  }
  await atEveryPoint(remove, remake, async (documents, other, at) => {
    const node = await startNode(documents)
    if (!(await other.getAccount('shop'))) {
      assert.equal(documents.text(), '[]', at)
      return
    }
    assert.ok(made, at)
    assert.equal((await node.byToken(made.token))?.account, 'shop', at)
    assert.equal((await node.listKeys('shop')).length, 2, at)
    assert.ok(await node.users.sessions.byToken('shop', made.session.token), at)
    assert.equal((await node.users.sessions.list('shop', made.user.id)).length, 1, at)
  })
})

test('a removal that was not finished is finished with the next start, when it is asked for again, or when an account of the name is made', async () => {
  for (const [how, recover] of Object.entries({
    start: (documents: FakeDocuments) => startNode(documents),
    make: async (_documents: FakeDocuments, other: IdentityService) => {
      assert.ok((await other.putAccount({ name: 'shop' })).created)
      await remove(other)
    },
    again: async (_documents: FakeDocuments, other: IdentityService) => {
      assert.equal(await remove(other), 'removed')
      assert.equal(await remove(other), 'absent')
    },
  })) {
    let hasFailed = true
    for (let point = 0; hasFailed; point++) {
      hasFailed = false
      const documents = fakeDocuments()
      const other = await startNode(documents)
      const { token } = await furnish(other)
      let left = Number.POSITIVE_INFINITY
      const node = await startNode(documents, async () => {
        if (left-- > 0) return
        hasFailed = true
        throw new Error('the node is gone')
      })
      left = point
      await remove(node).catch(() => {})
      const isThere = (await other.getAccount('shop')) !== undefined
      if (isThere) {
        assert.ok(
          await (await startNode(documents)).byToken(token),
          `${how}: an account is removed with everything or not at all`,
        )
        continue
      }
      if (hasFailed) await recover(documents, other)
      assert.equal(documents.text(), '[]', `${how}, at point ${point}`)
    }
  }
})

test('whoever signs up while the store fails has an account with its password, or neither', async () => {
  for (let point = 0; ; point++) {
    const documents = fakeDocuments()
    let left = Number.POSITIVE_INFINITY
    const node = await startNode(documents, async () => {
      if (left-- <= 0) throw new Error('the store is away')
    })
    left = point
    const made = await node.signUp().catch(() => undefined)
    if (made) {
      assert.ok(await (await startNode(documents)).byToken(made.token))
      return
    }
    assert.equal(documents.text(), '[]', `at point ${point}`)
  }
})

test('an account that gets a queue while it is removed, from whom another node lets in still, is there again, without keys', async () => {
  await using t = testEngine()
  const start = () => createIdentity({ engine: t.engine, clock: t.clock, randomBytes, serverKey, open: false })
  const node = await start()
  const other = await start()
  const tokens = new Map<string, string>()
  for (const name of ['shop', 'empty']) {
    await node.putAccount({ name })
    const key = await node.createKey({ account: name, grants })
    assert.ok(key && (await other.byToken(key.token)))
    tokens.set(name, key.token)
    assert.equal(await node.removeAccount(name), 'removed')
  }
  const principal = await other.byToken(tokens.get('shop') ?? '')
  assert.ok(principal, 'ten seconds long')
  await t.engine.createQueue({ account: principal.account, queue: 'orders' })
  assert.equal(await node.removeAccount('shop'), 'absent')
  await t.advance(30_000)
  const { accounts } = await node.listAccounts()
  assert.deepEqual(
    accounts.map(({ name }) => name),
    ['shop'],
  )
  assert.equal(await node.removeAccount('shop'), 'has-queues')
  assert.equal(await other.byToken(tokens.get('shop') ?? ''), undefined)
  await t.engine.deleteQueue({ account: 'shop', queue: 'orders' })
  assert.equal(await node.removeAccount('shop'), 'removed')
  await t.advance(30_000)
  assert.equal(await node.getAccount('shop'), undefined)
})
