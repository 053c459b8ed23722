import { Type } from 'typebox'
import { userPasswordFault } from '../../../core/identity/users/user.ts'
import { invalidFields, ok, refused, tooMany } from '../answer.ts'
import { operation } from '../operation.ts'
import { sessionInfo, userInfo } from '../user-info.ts'

export const getAllSessions = operation({
  name: 'get-all-sessions',
  client: 'auth.getAllSessions',
  method: 'GET',
  path: '/auth/sessions',
  summary: 'All sessions of the user, the oldest first.',
  session: 'always',
  scopes: [],
  async run({ users, account, session }) {
    return ok((await users.sessions.list(account, session.userId)).map(sessionInfo))
  },
})

export const getUserFromDB = operation({
  name: 'get-user',
  client: 'auth.getUserFromDB',
  method: 'GET',
  path: '/auth/user',
  summary: 'The user who is signed in.',
  session: 'always',
  scopes: [],
  async run({ users, account, session }) {
    const user = await users.get(account, session.userId)
    if (!user) throw refused(401, 'invalid_session_token', 'The user of this session is gone.')
    return ok(userInfo(user))
  },
})

export const changePassword = operation({
  name: 'change-password',
  client: 'auth.changePassword',
  method: 'POST',
  path: '/auth/change-pwd',
  summary: 'Gives the user another password; sessions go on.',
  session: 'always',
  scopes: [],
  fields: Type.Object({
    newPassword: Type.String({ says: 'a text' }),
    oldPassword: Type.String({ says: 'a text' }),
  }),
  async run({ users, account, session, fields }) {
    const fault = userPasswordFault(fields.newPassword)
    if (fault !== undefined) {
      const details = { field: 'newPassword', rule: 'format' }
      throw invalidFields([{ message: `'newPassword' ${fault}.`, details }])
    }
    const outcome = await users.changePassword(account, session.userId, fields)
    if (outcome === 'changed') return ok(null)
    if (outcome === 'too-many') throw tooMany('Too many attempts; try again later.')
    throw refused(400, 'invalid_credentials', 'The old password is wrong.')
  },
})
