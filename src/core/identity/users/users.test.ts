import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fakeClock } from '../../../testing/index.ts'
import { createIdentity, type IdentityOptions } from '../create-identity.ts'
import { type FakeDocuments, fakeDocuments } from '../fake-documents.ts'
import { newUserFaults } from './user.ts'

const serverKey = randomBytes(32)
/** Nobody guesses at these. */
const passwordStrength = { N: 2, r: 8, p: 1 }
const rooby = { email: 'Rooby@Example.com', password: 'secret' }
const client = { family: 'Other' }

const setUp = async (
  {
    documents = fakeDocuments(),
    clock = fakeClock(),
  }: { documents?: FakeDocuments; clock?: ReturnType<typeof fakeClock> } = {},
  options: Partial<IdentityOptions> = {},
) => {
  const common = { engine: documents.engine, clock, randomBytes, serverKey, passwordStrength, open: true }
  const identity = await createIdentity({ ...common, ...options })
  const { users } = identity
  return {
    documents,
    clock,
    identity,
    users,
    async signUp(account = 'shop', user: Parameters<typeof users.signUp>[1] = rooby) {
      const made = await users.signUp(account, user, client)
      assert.ok(!('refused' in made), JSON.stringify(made))
      return made
    },
    async signIn(email: string, password: string) {
      const made = await users.signIn('shop', { email, password }, client)
      return 'refused' in made ? made.refused : made
    },
  }
}

test('a user signs up once, signs in any number of times, and nothing secret is stored', async () => {
  const { users, signUp, signIn, documents, clock } = await setUp()
  const { user, session } = await signUp('shop', { ...rooby, name: 'Rooby', data: { age: 7 } })
  assert.match(user.id, /^[0-9a-f]{24}$/)
  assert.deepEqual(user, {
    id: user.id,
    account: 'shop',
    email: 'Rooby@Example.com',
    name: 'Rooby',
    signedUpAt: clock.now(),
    lastLoginAt: clock.now(),
    data: { age: 7 },
  })
  assert.deepEqual(session, { token: session.token, account: 'shop', userId: user.id, createdAt: clock.now(), client })
  assert.deepEqual(await users.signUp('shop', { ...rooby, email: 'rooby@example.COM' }, client), { refused: 'taken' })
  clock.advance(1000)
  const again = await signIn('rooby@example.com', 'secret')
  assert.ok(typeof again === 'object')
  assert.equal(again.user.lastLoginAt, clock.now())
  assert.notEqual(again.session.token, session.token)
  assert.deepEqual(await users.get('shop', user.id), again.user)
  for (const [email, password] of [
    ['rooby@example.com', 'Secret'],
    ['rooby@example.com', 'x'.repeat(2000)],
    ['nobody@example.com', 'secret'],
    ['no address\n', 'secret'],
  ] as const) {
    assert.equal(await signIn(email, password), 'wrong')
  }
  assert.equal(documents.text().includes('secret'), false)
  assert.equal(documents.text().includes(session.token.split('.')[1] ?? ''), false)
})

test('users of two accounts have nothing to do with each other', async () => {
  const { users, signUp } = await setUp()
  const one = await signUp('shop')
  const two = await signUp('other')
  assert.notEqual(one.user.id, two.user.id)
  assert.equal(await users.get('other', one.user.id), undefined)
  assert.equal(await users.sessions.byToken('other', one.session.token), undefined)
  assert.equal((await users.sessions.byToken('shop', one.session.token))?.userId, one.user.id)
})

test('a session ends with its sign-out only, and outlives restarts', async () => {
  const { users, signUp, signIn, documents, clock } = await setUp()
  const { user, session } = await signUp()
  clock.advance(10 * 365 * 86_400_000)
  const second = await signIn(rooby.email, rooby.password)
  const third = await signIn(rooby.email, rooby.password)
  assert.ok(typeof second === 'object' && typeof third === 'object')
  const restarted = (await setUp({ documents, clock })).users.sessions
  assert.deepEqual(await restarted.byToken('shop', session.token), session)
  assert.equal((await users.sessions.list('shop', user.id))[0]?.token, session.token)
  assert.equal((await users.sessions.list('shop', user.id)).length, 3)

  await users.sessions.end(session)
  assert.equal(await users.sessions.byToken('shop', session.token), undefined)
  await users.sessions.endAll('shop', user.id, second.session)
  assert.equal(await users.sessions.byToken('shop', third.session.token), undefined)
  assert.ok(await users.sessions.byToken('shop', second.session.token))
  assert.deepEqual(await users.sessions.list('shop', user.id), [second.session])
  await users.sessions.endAll('shop', user.id)
  assert.deepEqual(await users.sessions.list('shop', user.id), [])
})

test('a sign-in that the store fails has begun no session', async () => {
  const documents = fakeDocuments()
  let left = Number.POSITIVE_INFINITY
  const engine = new Proxy(documents.engine, {
    get:
      (real, name) =>
      async (...given: unknown[]) => {
        if (left-- <= 0) throw new Error('the store is away')
        return Reflect.apply(Reflect.get(real, name), real, given)
      },
  })
  const { users, signUp, signIn } = await setUp({}, { engine })
  const { user } = await signUp()
  const sessions = async () => {
    left = Number.POSITIVE_INFINITY
    return (await users.sessions.list('shop', user.id)).length
  }
  for (let point = 0; ; point++) {
    left = point
    const made = await signIn(rooby.email, rooby.password).catch(() => undefined)
    assert.equal(await sessions(), made ? 2 : 1, `at point ${point}`)
    if (made) return
  }
})

test('a session may have an end of its own', async () => {
  const { users, signUp, clock } = await setUp({}, { userSessionLifetimeMs: 1000 })
  const { session } = await signUp()
  clock.advance(999)
  assert.ok(await users.sessions.byToken('shop', session.token))
  clock.advance(1)
  assert.equal(await users.sessions.byToken('shop', session.token), undefined)
})

test('a token that was made up or changed reads nothing', async () => {
  const { users, signUp, documents } = await setUp()
  const { token } = (await signUp()).session
  const [id, mac = ''] = token.split('.')
  const reads = documents.reads()
  for (const wrong of [
    '',
    'x',
    'mru_',
    `${id}`,
    `${id}.`,
    `${id}.${mac}x`,
    `${id}x.${mac}`,
    `${id}.${mac.slice(1)}A`,
  ]) {
    assert.equal(users.sessions.byToken('shop', wrong), undefined, wrong)
  }
  assert.equal(documents.reads(), reads)
})

test('a password is changed by who knows the old one; sessions go on', async () => {
  const { users, signUp, signIn } = await setUp()
  const { user, session } = await signUp()
  const change = (oldPassword: string, newPassword: string) =>
    users.changePassword('shop', user.id, { oldPassword, newPassword })
  assert.equal(await change('wrong', 'another'), 'wrong')
  assert.equal(await change('secret', 'another'), 'changed')
  assert.equal(await signIn(rooby.email, 'secret'), 'wrong')
  assert.ok(typeof (await signIn(rooby.email, 'another')) === 'object')
  assert.ok(await users.sessions.byToken('shop', session.token))
  assert.equal(await users.changePassword('shop', 'nobody', { oldPassword: 'a', newPassword: 'b' }), 'wrong')
})

test('a password may be guessed at a few times, and right ones cost nothing', async () => {
  const { signUp, signIn, clock } = await setUp()
  await signUp()
  const tries = await Promise.all(Array.from({ length: 12 }, () => signIn(rooby.email, 'wrong!')))
  assert.deepEqual(
    [tries.filter((outcome) => outcome === 'wrong').length, tries.filter((outcome) => outcome === 'too-many').length],
    [10, 2],
  )
  assert.equal(await signIn(rooby.email, rooby.password), 'too-many')
  clock.advance(10_000)
  assert.ok(typeof (await signIn(rooby.email, rooby.password)) === 'object')
})

test('two who sign up with one address at once: one of them gets it', async () => {
  const { users } = await setUp()
  const made = await Promise.all([users.signUp('shop', rooby, client), users.signUp('shop', rooby, client)])
  const taken = made.filter((answer) => 'refused' in answer && answer.refused === 'taken')
  assert.equal(taken.length, 1)
})

test('a user whose password is being changed goes with the account all the same', async () => {
  const { identity, users, signUp, documents } = await setUp()
  await identity.putAccount({ name: 'shop' })
  const { user } = await signUp()
  const changing = users.changePassword('shop', user.id, { oldPassword: 'secret', newPassword: 'another' })
  assert.equal(await identity.removeAccount('shop'), 'removed')
  assert.equal(await changing, 'wrong')
  assert.equal(documents.text().includes(user.id), false)
})

test('of two changes of a password at once one counts', async () => {
  const { users, signUp, signIn } = await setUp()
  const { user } = await signUp()
  const change = (newPassword: string) => users.changePassword('shop', user.id, { oldPassword: 'secret', newPassword })
  const outcomes = await Promise.all([change('another'), change('a third')])
  assert.deepEqual(outcomes.toSorted(), ['changed', 'wrong'])
  const kept = outcomes[0] === 'changed' ? 'another' : 'a third'
  assert.ok(typeof (await signIn(rooby.email, kept)) === 'object')
})

test('users go with their account', async () => {
  const { identity, users, signUp, documents } = await setUp()
  await identity.putAccount({ name: 'shop' })
  await identity.putAccount({ name: 'shop2' })
  const { session } = await signUp()
  const kept = await signUp('shop2')
  assert.equal(await identity.removeAccount('shop'), 'removed')
  assert.equal(await users.sessions.byToken('shop', session.token), undefined)
  assert.ok(await users.sessions.byToken('shop2', kept.session.token))
  assert.equal(documents.text().includes(session.userId), false)
})

test('everything that is wrong with a new user is told, once a field', () => {
  const fields = (user: Parameters<typeof newUserFaults>[0]) => newUserFaults(user).map(({ field }) => field)
  assert.deepEqual(fields(rooby), [])
  assert.deepEqual(fields({ email: 'rooby', password: 'short' }), ['email', 'password'])
  for (const email of ['', 'a@b', '@b.c', 'a@b.', 'a b@c.d', 'a@b@c.d', `${'a'.repeat(250)}@b.cd`]) {
    assert.deepEqual(fields({ ...rooby, email }), ['email'], email)
  }
  assert.deepEqual(fields({ ...rooby, password: 'x'.repeat(1025) }), ['password'])
  assert.deepEqual(fields({ ...rooby, data: { a: 'x'.repeat(70_000) } }), ['data'])
  assert.deepEqual(fields({ ...rooby, data: { a: [{ 'b\u0000': 1 }] } }), ['data'])
  assert.deepEqual(fields({ ...rooby, name: '\ud800' }), ['data'])
})
