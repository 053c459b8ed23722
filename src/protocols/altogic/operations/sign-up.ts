import { Type } from 'typebox'
import { type NewUser, newUserFaults } from '../../../core/identity/users/user.ts'
import { unknownClientKey } from '../access.ts'
import { invalidFields, ok, refused, tooMany } from '../answer.ts'
import { operation } from '../operation.ts'
import { describeAgent, sessionInfo, userInfo } from '../user-info.ts'

export const signUpWithEmail = operation({
  name: 'sign-up-with-email',
  client: 'auth.signUpWithEmail',
  method: 'POST',
  path: '/auth/signup-email',
  summary: 'Makes a user of the app, and signs the user in.',
  session: 'never',
  scopes: [],
  fields: Type.Object({
    email: Type.String({ says: 'an e-mail address' }),
    password: Type.String({ says: 'a text' }),
    nameOrUserData: Type.Optional(
      Type.Union([Type.Null(), Type.String(), Type.Record(Type.String(), Type.Unknown())], {
        says: 'a name, or an object of more fields',
      }),
    ),
  }),
  async run({ users, account, fields: { email, password, nameOrUserData }, request }) {
    const user: NewUser = { email, password, ...said(nameOrUserData ?? {}) }
    const faults = newUserFaults(user).map(({ field, reason }) => {
      const name = field === 'data' ? 'nameOrUserData' : field
      return { message: `'${name}' ${reason}.`, details: { field: name, rule: 'format' } }
    })
    if (faults.length > 0) throw invalidFields(faults)
    const made = await users.signUp(account, user, describeAgent(request.headers['user-agent']))
    if (!('refused' in made)) return ok({ user: userInfo(made.user), session: sessionInfo(made.session) })
    if (made.refused === 'no-account') throw unknownClientKey()
    if (made.refused === 'too-many') throw tooMany('Too many users sign up at once.')
    throw refused(400, 'email_not_unique', 'There is a user with this e-mail address already.', { field: 'email' })
  },
})

/** The client's name of its user, or whatever it has to say; what the server says of users is not for the client to say. */
const said = (given: string | Readonly<Record<string, unknown>>): Pick<NewUser, 'name' | 'data'> => {
  if (typeof given === 'string') return given === '' ? {} : { name: given }
  const { name, ...rest } = given
  const data = Object.fromEntries(Object.entries(rest).filter(([field]) => !ofTheServer.has(field)))
  return typeof name === 'string' ? { name, data } : { data }
}

const ofTheServer = new Set([
  ...['_id', 'provider', 'providerUserId', 'email', 'password', 'signUpAt', 'lastLoginAt', 'emailVerified'],
  '__proto__',
])
