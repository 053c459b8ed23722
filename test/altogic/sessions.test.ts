import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AltogicClient } from 'altogic'
import { codes, type Json, sessionKey, start, storage } from './harness.ts'

const rooby = ['rooby@example.com', 'secret'] as const

const outcome = ({ errors }: { errors: Json }) => (errors ? [errors.status, ...codes({ errors: errors.items })] : 'ok')
const submit = ({ queue }: AltogicClient) => queue.submitMessage('sendWelcomeEmail', { a: 1 })

test('a key that enforces sessions is usable with the client alone', async (t) => {
  const { client } = await start(t)
  const kept = storage()
  const app = client(sessionKey, { localStorage: kept })
  assert.deepEqual(outcome(await submit(app)), [401, 'missing_session_token'])
  assert.deepEqual(outcome(await app.queue.getMessageStatus('x')), [401, 'missing_session_token'])

  const { user, session, errors } = await app.auth.signUpWithEmail(...rooby, {
    name: 'Rooby',
    age: 7,
    _id: 'mine',
  } as Json)
  assert.equal(errors, null)
  assert.ok(user && session)
  assert.match(user._id, /^[0-9a-f]{24}$/)
  assert.deepEqual(user, {
    age: 7,
    _id: user._id,
    provider: 'altogic',
    providerUserId: user._id,
    email: 'rooby@example.com',
    signUpAt: user.signUpAt,
    lastLoginAt: user.signUpAt,
    emailVerified: true,
    name: 'Rooby',
  })
  assert.equal(session.userId, user._id)
  assert.match(session.token, /^[!-~]{40,200}$/)
  assert.deepEqual(JSON.parse(JSON.stringify(session)), {
    userId: user._id,
    token: session.token,
    creationDtm: (session as Json).creationDtm,
    accessGroupKeys: [],
    userAgent: {
      family: 'Other',
      major: '0',
      minor: '0',
      patch: '0',
      device: { family: 'Other', major: '0', minor: '0', patch: '0' },
      os: { family: 'Other', major: '0', minor: '0', patch: '0' },
    },
  })
  const sent = await submit(app)
  assert.equal(sent.errors, null)
  assert.equal((await app.queue.getMessageStatus(sent.info?.messageId ?? '')).info?.status, 'pending')
  assert.deepEqual((await app.auth.getUserFromDB()).user, user)

  // Another client takes the session from the storage that the first one left it in.
  const later = client(sessionKey, { localStorage: kept })
  assert.equal((await submit(later)).errors, null)
  assert.equal((await later.auth.signOut()).errors, null)
  assert.equal(kept.items.has('session'), false)
  assert.deepEqual(outcome(await submit(app)), [401, 'invalid_session_token'])
  assert.deepEqual(outcome(await submit(app)), [401, 'missing_session_token'], 'the client has dropped its session')

  assert.equal((await app.auth.signInWithEmail(...rooby)).errors, null)
  assert.equal((await submit(app)).errors, null)
})

test('a key that does not enforce sessions takes no notice of them', async (t) => {
  const { client } = await start(t)
  const app = client()
  assert.equal((await submit(app)).errors, null)
  for (const token of ['made-up', 'mru_x.y']) {
    app.auth.setSession({ token } as Json)
    assert.equal((await submit(app)).errors, null)
  }
  assert.deepEqual(outcome(await app.auth.getUserFromDB()), [401, 'invalid_session_token'])
})

test('a user may have many sessions, and end the ones or the others', async (t) => {
  const { client } = await start(t)
  const [one, two, three] = [client(sessionKey), client(sessionKey), client(sessionKey)]
  await one.auth.signUpWithEmail(...rooby)
  await two.auth.signInWithEmail(...rooby)
  const { session } = await three.auth.signInWithEmail(...rooby)
  const all = await one.auth.getAllSessions()
  assert.deepEqual([all.errors, all.sessions?.length], [null, 3])
  assert.deepEqual(all.sessions?.[2], JSON.parse(JSON.stringify(session)))
  assert.equal((await one.auth.signOut(session?.token)).errors, null)
  assert.deepEqual(outcome(await submit(three)), [401, 'invalid_session_token'])
  assert.equal((await one.auth.signOut('mru_unknown.token')).errors, null)
  assert.equal((await one.auth.signOutAllExceptCurrent()).errors, null)
  assert.deepEqual(outcome(await submit(two)), [401, 'invalid_session_token'])
  assert.equal((await submit(one)).errors, null)
  assert.equal((await one.auth.signOutAll()).errors, null)
  assert.equal((await one.auth.getAllSessions()).sessions, null)

  await one.auth.signInWithEmail(...rooby)
  const stranger = client(sessionKey)
  const { session: hers } = await stranger.auth.signUpWithEmail('hers@example.com', 'secret')
  assert.deepEqual(outcome(await one.auth.signOut(hers?.token)), [403, 'not_allowed'])
  assert.equal((await submit(stranger)).errors, null)
  assert.equal((await submit(one)).errors, null, 'it is no session code, so the client keeps its own')
})

test('a session is good in its own app only', async (t) => {
  const { client } = await start(t)
  const here = client(sessionKey)
  const { session } = await client('a-client-key-of-the-other').auth.signUpWithEmail(...rooby)
  here.auth.setSession(session as Json)
  assert.deepEqual(outcome(await submit(here)), [401, 'invalid_session_token'])
})

test('a token of a session is traded for its user', async (t) => {
  const { client } = await start(t)
  const app = client(sessionKey)
  const { session, user } = await app.auth.signUpWithEmail(...rooby)
  const page = client(sessionKey)
  const granted = await page.auth.getAuthGrant(session?.token)
  assert.deepEqual([granted.user, granted.session?.token], [user, session?.token])
  assert.equal((await submit(page)).errors, null)
  assert.deepEqual(outcome(await page.auth.getAuthGrant('mru_made.up')), [401, 'invalid_credentials'])
  assert.equal((await submit(page)).errors, null)
})

test('passwords are changed, and sign-ins refused that should be', async (t) => {
  const { client } = await start(t)
  const app = client(sessionKey)
  await app.auth.signUpWithEmail(...rooby, 'Rooby')
  assert.deepEqual(outcome(await app.auth.changePassword('another', 'wrong')), [400, 'invalid_credentials'])
  assert.deepEqual(outcome(await app.auth.changePassword('short', 'secret')), [400, 'validation_error'])
  assert.equal((await app.auth.changePassword('another', 'secret')).errors, null)
  assert.equal((await submit(app)).errors, null)
  assert.deepEqual(outcome(await app.auth.signInWithEmail(...rooby)), [401, 'invalid_credentials'])
  assert.deepEqual(outcome(await app.auth.signInWithEmail('nobody@example.com', 'secret')), [
    401,
    'invalid_credentials',
  ])
  assert.equal((await submit(app)).errors, null, 'a failed sign-in is no reason to forget the session')
  assert.equal((await app.auth.signInWithEmail('ROOBY@example.com', 'another')).errors, null)
})

test('sign-ups are refused with an entry for each field', async (t) => {
  const { client } = await start(t)
  const { auth } = client(sessionKey)
  const fields = async (email: unknown, password: unknown, more?: unknown) => {
    const { errors, user, session } = await auth.signUpWithEmail(email as string, password as string, more as string)
    assert.deepEqual([user, session], [null, null])
    assert.equal(errors?.status, 400)
    return (errors as Json).items.map(({ code, details }: Json) => `${code} ${details.field}`)
  }
  assert.deepEqual(await fields('rooby', 'short'), ['validation_error email', 'validation_error password'])
  assert.deepEqual(await fields('rooby@example.com', 'short'), ['validation_error password'])
  assert.deepEqual(await fields(7, ['x']), ['validation_error email', 'validation_error password'])
  assert.deepEqual(await fields('r@example.com', 'secret', 7), ['validation_error nameOrUserData'])
  assert.deepEqual(await fields('r@example.com', 'secret', { a: 'x'.repeat(70_000) }), [
    'validation_error nameOrUserData',
  ])
  assert.equal((await auth.signUpWithEmail(...rooby)).errors, null)
  assert.deepEqual(await fields('Rooby@example.com', 'secret'), ['email_not_unique email'])
})

test('sessions and message ids outlive a restart', async (t) => {
  const { temporaryDirectory } = await import('../server/harness.ts')
  const directory = temporaryDirectory(t)
  const before = await start(t, undefined, { directory })
  const app = before.client(sessionKey)
  const { session } = await app.auth.signUpWithEmail(...rooby)
  const { info } = await submit(app)
  await before.server.close()
  const after = await start(t, undefined, { directory })
  const again = after.client(sessionKey)
  again.auth.setSession(session as Json)
  assert.deepEqual((await again.queue.getMessageStatus(info?.messageId ?? '')).info, info)
  assert.equal((await submit(again)).info?.queueId, info?.queueId)
})
