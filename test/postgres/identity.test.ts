// Accounts and keys that several nodes over one database change in the same moment.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, type TestContext, test } from 'node:test'
import { isRefusal } from '../../src/core/errors.ts'
import { createIdentity } from '../../src/core/identity/create-identity.ts'
import type { Grant } from '../../src/core/identity/identity.ts'
import { collections } from '../../src/core/identity/model.ts'
import { fakeClock } from '../../src/testing/index.ts'
import { startNode } from './node.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

const grants: Grant[] = [{ scope: 'send', queues: '*' }]
const serverKey = randomBytes(32)
/** Nobody guesses at these. */
const passwordStrength = { N: 2, r: 8, p: 1 }
/** What is removed goes down in one of its own for a while. */
const { removed: _, ...lasting } = collections
const rounds = Array.from({ length: 20 }, (_, round) => round)

const startNodes = async (t: TestContext) => {
  const url = await freshUrl()
  const clock = fakeClock()
  const start = async () => {
    const { engine } = await startNode(t, { url, listen: false })
    return {
      engine,
      identity: await createIdentity({ engine, clock, randomBytes, serverKey, open: false, passwordStrength }),
    }
  }
  const [one, two] = [await start(), await start()]
  await one.identity.putAccount({ name: 'shop' })
  return [one, two] as const
}

describe('identity on several nodes over one PostgreSQL', withoutPostgres, () => {
  test('of two client keys that get the same text at once one is refused', async (t) => {
    const nodes = await startNodes(t)
    for (const round of rounds) {
      const client = { key: `the-text-of-round-${round}` }
      const outcomes = await Promise.allSettled(
        nodes.map(({ identity }) => identity.createKey({ account: 'shop', grants, client })),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      assert.equal(refused.length, 1)
      assert.ok(isRefusal(refused[0]?.reason, 'ArgumentInvalid'))
    }
    assert.equal((await nodes[0].identity.listKeys('shop')).length, rounds.length)
  })

  test('what an account is given on one node while another removes it is gone with it or refused', async (t) => {
    const [one, two] = await startNodes(t)
    const user = (round: number) => ({ email: `${round}@example.com`, password: 'secret' })
    for (const round of rounds) {
      await one.identity.putAccount({ name: 'shop' })
      await one.identity.users.signUp('shop', user(0), {})
      await Promise.all([
        one.identity.removeAccount('shop'),
        two.identity.createKey({ account: 'shop', grants }),
        two.identity.users.signUp('shop', user(1), {}),
        two.identity.users.signIn('shop', user(0), {}),
      ])
      assert.equal(await two.identity.getAccount('shop'), undefined, `round ${round}`)
      for (const collection of [
        ...Object.values(lasting),
        'app-user',
        'app-user-address',
        'app-user-login',
        'app-session',
        'app-user-session',
      ]) {
        assert.deepEqual(
          await one.engine.listDocuments({ collection, limit: 1 }),
          [],
          `${collection} in round ${round}`,
        )
      }
    }
  })

  test('a key that is removed on one node while another notes its use leaves nothing behind', async (t) => {
    const [one, two] = await startNodes(t)
    for (const _ of rounds) {
      const issued = await one.identity.createKey({ account: 'shop', grants })
      assert.ok(issued && (await two.identity.byToken(issued.token)))
      await Promise.all([one.identity.removeKey('shop', issued.key.id), two.identity.stop()])
    }
    for (const collection of [collections.keys, collections.accountKeys, collections.keyUse]) {
      assert.deepEqual(await one.engine.listDocuments({ collection, limit: 1 }), [], collection)
    }
  })
})
