import { Type } from 'typebox'
import { ok, refused, tooMany } from '../answer.ts'
import { operation } from '../operation.ts'
import { queryParameter } from '../path.ts'
import { describeAgent, sessionInfo, userInfo } from '../user-info.ts'

export const signInWithEmail = operation({
  name: 'sign-in-with-email',
  client: 'auth.signInWithEmail',
  method: 'POST',
  path: '/auth/signin-email',
  summary: 'Begins a session, beside those that the user may have.',
  session: 'never',
  scopes: [],
  fields: Type.Object({
    email: Type.String({ says: 'a text' }),
    password: Type.String({ says: 'a text' }),
  }),
  async run({ users, account, fields, request }) {
    const made = await users.signIn(account, fields, describeAgent(request.headers['user-agent']))
    if (!('refused' in made)) return ok({ user: userInfo(made.user), session: sessionInfo(made.session) })
    if (made.refused === 'too-many') throw tooMany('Too many attempts; try again later.')
    // The same whichever of the two it is.
    throw refused(401, 'invalid_credentials', 'The e-mail address or the password is wrong.')
  },
})

export const getAuthGrant = operation({
  name: 'get-auth-grant',
  client: 'auth.getAuthGrant',
  method: 'GET',
  path: '/auth/grant',
  summary: 'The user and the session that a token of a session stands for.',
  session: 'never',
  scopes: [],
  async run({ users, account, request }) {
    const session = await users.sessions.byToken(account, queryParameter(request.url ?? '', 'key') ?? '')
    const user = session && (await users.get(account, session.userId))
    if (!user) throw refused(401, 'invalid_credentials', 'The token is not one of a session.')
    return ok({ user: userInfo(user), session: sessionInfo(session) })
  },
})
