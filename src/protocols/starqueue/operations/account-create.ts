import { Type } from 'typebox'
import { badRequest, ok, tooMany } from '../answer.ts'
import { fieldsWithoutToken, text } from '../fields.ts'
import { operation } from '../operation.ts'

export const accountCreate = operation({
  name: 'accountcreate',
  path: [],
  summary: 'Makes an account. Its password is shown here and never again.',
  access: 'sign-up',
  fields: fieldsWithoutToken({
    EmailAddress: Type.Optional(text({ description: 'Whose it is; empty: a guest’s.' })),
    recaptcha: Type.Optional(text({ description: 'Of no consequence.' })),
  }),
  async run({ identity, fields: { EmailAddress = '' } }) {
    if (EmailAddress !== '' && !looksLikeAddress(EmailAddress))
      throw badRequest('EmailAddress must be an email address')
    const made = await identity.signUp(EmailAddress)
    if (!made) throw tooMany('too many requests')
    const { account, password, token } = made
    return ok({ AccountPassword: password, accountid: account, AuthToken: token })
  },
})

const looksLikeAddress = (text: string): boolean => text.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(text)
