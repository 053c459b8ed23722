import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { type FakeClock, fakeClock } from '../../testing/index.ts'
import { AccountTokens } from './account-token.ts'
import { createIdentity, type IdentityOptions } from './create-identity.ts'
import { type FakeDocuments, fakeDocuments } from './fake-documents.ts'
import { newPassword } from './new-password.ts'
import { hashPassword, isPasswordOf, usualStrength } from './password-hash.ts'
import { Turnstile } from './turnstile.ts'

const serverKey = randomBytes(32)
/** Nobody guesses at these. */
const passwordStrength = { N: 2, r: 8, p: 1 }
const minute = 60_000

interface Setup extends Partial<IdentityOptions> {
  readonly documents?: FakeDocuments
  readonly clock?: FakeClock
}

const setUp = async ({ documents = fakeDocuments(), clock = fakeClock(), ...options }: Setup = {}) => {
  const common = { engine: documents.engine, clock, randomBytes, serverKey, passwordStrength, open: true }
  const identity = await createIdentity({ ...common, ...options })
  const signUp = async () => {
    const made = await identity.signUp()
    assert.ok(made)
    return made
  }
  const logIn = async (account: string, password: string): Promise<string> => {
    const answer = await identity.logIn(account, password)
    assert.ok('token' in answer, JSON.stringify(answer))
    return answer.token
  }
  return { documents, clock, identity, signUp, logIn }
}

test('whoever signs up gets an account, a password and a token, and an open server stays open', async () => {
  const { identity, signUp, documents } = await setUp()
  const { account, password, token } = await signUp()
  assert.match(account, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const principal = await identity.byToken(token)
  assert.equal(principal?.account, account)
  assert.deepEqual(principal?.grants.map(({ scope }) => scope).sort(), ['manage', 'receive', 'send'])
  assert.equal((await identity.getAccount(account))?.name, account)
  assert.equal(identity.open, true)
  assert.equal((await setUp({ documents })).identity.open, true)
  assert.equal(documents.text().includes(password), false)
  assert.equal(documents.text().includes(token), false)
})

test('a password is traded for any number of tokens, which outlive a restart', async () => {
  const { identity, signUp, logIn, documents, clock } = await setUp()
  const { account, password, token } = await signUp()
  clock.advance(1)
  const second = await logIn(account, password)
  assert.notEqual(second, token)
  for (const wrong of ['', `${password} `, password.toLowerCase(), 'x'.repeat(5000)]) {
    assert.deepEqual(await identity.logIn(account, wrong), { refused: 'wrong' })
  }
  assert.deepEqual(await identity.logIn('nobody', password), { refused: 'wrong' })
  const restarted = await setUp({ documents, clock })
  clock.advance(10 * 365 * 86_400_000)
  for (const each of [token, second]) assert.equal((await restarted.identity.byToken(each))?.account, account)
})

test('a token is checked without a read while its account is known', async () => {
  const { identity, signUp, documents } = await setUp()
  const { token } = await signUp()
  const principal = await identity.byToken(token)
  const reads = documents.reads()
  assert.equal(identity.byToken(token), principal)
  assert.equal(documents.reads(), reads)
})

test('a token that was changed, or signed with another key, is nobody', async () => {
  const { identity, signUp } = await setUp()
  const { account, token } = await signUp()
  const flip = (at: number) => `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
  for (let at = 4; at < token.length; at++) assert.equal(await identity.byToken(flip(at)), undefined, String(at))
  const cut = [
    token.slice(0, -1),
    `${token}A`,
    `${token}=`,
    token.replace('.', '..'),
    'mrt_',
    'mrt_.',
    'mrt_a.b',
    'mrt_a',
  ]
  for (const wrong of cut) assert.equal(await identity.byToken(wrong), undefined, wrong)
  const claims = new AccountTokens(serverKey).read(token)
  assert.equal(claims?.account, account)
  assert.equal(await identity.byToken(new AccountTokens(randomBytes(32)).sign(claims!)), undefined)
})

test('tokens expire only where a lifetime is configured', async () => {
  const { identity, signUp, clock } = await setUp({ tokenLifetimeMs: minute })
  const { token } = await signUp()
  clock.advance(minute - 1)
  assert.ok(await identity.byToken(token))
  clock.advance(1)
  assert.equal(await identity.byToken(token), undefined)
})

test('an account that is removed takes its password and its tokens with it', async () => {
  const { identity, signUp } = await setUp()
  const { account, password, token } = await signUp()
  assert.equal(await identity.removeAccount(account), 'removed')
  assert.equal(await identity.byToken(token), undefined)
  assert.deepEqual(await identity.logIn(account, password), { refused: 'wrong' })
})

test('guessing is slow: ten wrong passwords, then one every ten seconds; right ones cost nothing', async () => {
  const { identity, signUp, logIn, clock } = await setUp()
  const { account, password } = await signUp()
  const other = await signUp()
  for (let guess = 0; guess < 10; guess++) {
    if (guess === 5) for (let right = 0; right < 3; right++) await logIn(account, password)
    assert.deepEqual(await identity.logIn(account, 'wrong'), { refused: 'wrong' })
  }
  assert.deepEqual(await identity.logIn(account, password), { refused: 'too-many' })
  await logIn(other.account, other.password)
  clock.advance(10_000)
  assert.deepEqual(await identity.logIn(account, 'wrong'), { refused: 'wrong' })
  assert.deepEqual(await identity.logIn(account, 'wrong'), { refused: 'too-many' })
  clock.advance(10_000)
  await logIn(account, password)
})

test('only a password that was looked at, and is wrong, counts as a guess', async () => {
  const documents = fakeDocuments()
  let fails = false
  const engine: IdentityOptions['engine'] = {
    ...documents.engine,
    getDocument: (collection, key) =>
      fails ? Promise.reject(new Error('the store is away')) : documents.engine.getDocument(collection, key),
  }
  const { identity, signUp, logIn } = await setUp({ engine })
  const { account, password } = await signUp()
  fails = true
  for (let n = 0; n < 20; n++) await assert.rejects(identity.logIn(account, password), /the store is away/)
  fails = false
  await logIn(account, password)

  const { account: other } = await signUp()
  // Two at once, and 50 that wait for their turn: nothing of them can be over before the next line.
  const crowd = Array.from({ length: 52 }, (_, n) => identity.logIn(`somebody ${n}`, 'x'))
  const tooLate = await Promise.all(Array.from({ length: 10 }, () => identity.logIn(other, 'x')))
  assert.deepEqual(new Set(tooLate.map((answer) => 'refused' in answer && answer.refused)), new Set(['too-many']))
  await Promise.all(crowd)
  assert.deepEqual(await identity.logIn(other, 'x'), { refused: 'wrong' })
})

test('a password of the configuration is put in place, changed and taken away with it', async () => {
  const shop = (password: string) => ({
    configured: [{ name: 'ba4b1fb8-b230-4a3a-8760f1960b6a42f8', keys: [], password }],
  })
  const { identity, logIn, documents } = await setUp(shop('Kettle7-marble-31x'))
  const account = 'ba4b1fb8-b230-4a3a-8760f1960b6a42f8'
  assert.equal(identity.open, false)
  const token = await logIn(account, 'Kettle7-marble-31x')

  const writes = documents.writes()
  const same = await setUp({ documents, ...shop('Kettle7-marble-31x') })
  assert.equal(documents.writes(), writes, 'an unchanged file writes nothing')
  assert.ok(await same.identity.byToken(token))

  const changed = await setUp({ documents, ...shop('Another1-password') })
  assert.equal(await changed.identity.byToken(token), undefined)
  assert.deepEqual(await changed.identity.logIn(account, 'Kettle7-marble-31x'), { refused: 'wrong' })
  await changed.logIn(account, 'Another1-password')

  const without = await setUp({ documents })
  assert.equal(without.identity.open, true)
  assert.deepEqual(await without.identity.logIn(account, 'Another1-password'), { refused: 'wrong' })
})

test('generated passwords have the form that they are to have', () => {
  const seen = new Set<string>()
  for (let count = 0; count < 2000; count++) {
    const password = newPassword(randomBytes)
    assert.match(password, /^(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9\-_:;.=+%*]{12,20}$/)
    seen.add(password)
  }
  assert.equal(seen.size, 2000)
})

test('hashes are as strong as they say, and those of another strength stay good', async () => {
  const usual = await hashPassword('Kettle7-marble-31x', randomBytes, usualStrength)
  assert.match(usual, /^scrypt\$32768\$8\$3\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$/)
  const weak = await hashPassword('Kettle7-marble-31x', randomBytes, passwordStrength)
  for (const hash of [usual, weak]) {
    assert.equal(await isPasswordOf(hash, 'Kettle7-marble-31x'), true)
    assert.equal(await isPasswordOf(hash, 'Kettle7-marble-31X'), false)
  }
})

test('a turnstile lets so many run and so many wait', async () => {
  const turnstile = new Turnstile({ atOnce: 1, mayWait: 1 })
  const gate = Promise.withResolvers<void>()
  const order: string[] = []
  const first = turnstile.pass(() => gate.promise.then(() => order.push('first')))
  const second = turnstile.pass(async () => order.push('second'))
  assert.equal(
    turnstile.pass(async () => {}),
    undefined,
  )
  gate.resolve()
  await Promise.all([first, second])
  assert.deepEqual(order, ['first', 'second'])
  await assert.rejects(turnstile.pass(() => Promise.reject(new Error('no'))) as Promise<never>, /no/)
  assert.equal(await turnstile.pass(async () => 7), 7)
})
