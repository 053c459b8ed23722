import { Type } from 'typebox'
import { ok, refused } from '../answer.ts'
import { operation } from '../operation.ts'

export const signOut = operation({
  name: 'sign-out',
  client: 'auth.signOut',
  method: 'POST',
  path: '/auth/signout',
  summary: 'Ends a session of the user: the one whose token is given, else the current one.',
  session: 'always',
  scopes: [],
  fields: Type.Object({
    token: Type.Optional(Type.Union([Type.Null(), Type.String()], { says: 'the token of a session' })),
  }),
  async run({ users, account, session, fields: { token } }) {
    const named = token ? await users.sessions.byToken(account, token) : session
    if (named && named.userId !== session.userId) {
      throw refused(403, 'not_allowed', 'The session is that of another user.')
    }
    if (named) await users.sessions.end(named)
    return ok(null)
  },
})

export const signOutAll = operation({
  name: 'sign-out-all',
  client: 'auth.signOutAll',
  method: 'POST',
  path: '/auth/signout-all',
  summary: 'Ends all sessions of the user.',
  session: 'always',
  scopes: [],
  async run({ users, account, session }) {
    await users.sessions.endAll(account, session.userId)
    return ok(null)
  },
})

export const signOutAllExceptCurrent = operation({
  name: 'sign-out-all-except-current',
  client: 'auth.signOutAllExceptCurrent',
  method: 'POST',
  path: '/auth/signout-all-except',
  summary: 'Ends all sessions of the user but the current one.',
  session: 'always',
  scopes: [],
  async run({ users, account, session }) {
    await users.sessions.endAll(account, session.userId, session)
    return ok(null)
  },
})
