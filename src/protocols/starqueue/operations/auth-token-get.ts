import { accessDenied, ok, tooMany } from '../answer.ts'
import { fieldsWithoutToken, text } from '../fields.ts'
import { operation } from '../operation.ts'

export const authTokenGet = operation({
  name: 'authtokenget',
  path: ['accountid'],
  summary: 'Trades the password of the account for a token.',
  access: 'anyone',
  fields: fieldsWithoutToken({
    AccountPassword: text({ description: 'The password.' }),
  }),
  async run({ identity, account, fields: { AccountPassword } }) {
    const answer = await identity.logIn(account, AccountPassword)
    if ('token' in answer) return ok({ AuthToken: answer.token })
    throw answer.refused === 'wrong' ? accessDenied() : tooMany('too many attempts')
  },
})
