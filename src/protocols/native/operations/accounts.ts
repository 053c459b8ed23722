import { defaultScopes, grantsOf } from '../../../core/identity/identity.ts'
import { withProjectId } from '../../../core/identity/project-id.ts'
import type { AdminApi, AdminKey } from '../admin-api.ts'
import { jsonAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { ProblemError } from '../problem-error.ts'
import * as S from '../schemas/index.ts'

const server = { to: 'server', scopes: ['admin'] } as const

export const listAccounts = operation({
  method: 'GET',
  path: '/accounts',
  summary: 'List accounts',
  access: server,
  query: S.ListAccountsQuery,
  answers: { 200: { description: 'A page of accounts.', schema: S.AccountPage } },
  problems: [],
  async run({ admin, query }) {
    const { accounts, next } = await admin.listAccounts(query)
    return jsonAnswer(200, { accounts: accounts.map(withProjectId), next } satisfies S.AccountPage)
  },
})

export const putAccount = operation({
  method: 'PUT',
  path: '/accounts/:account',
  summary: 'Create an account, or change what people see of it',
  access: server,
  parameters: S.AccountPath,
  body: { kind: 'json', schema: S.PutAccountRequest, optional: true },
  answers: {
    201: { description: 'The account was created.', schema: S.Account },
    200: { description: 'The account was there already.', schema: S.Account },
  },
  problems: ['ArgumentInvalid'],
  async run({ admin, path, body }) {
    const { account, created } = await admin.putAccount({ name: path.account, ...body })
    return jsonAnswer(created ? 201 : 200, withProjectId(account) satisfies S.Account)
  },
})

export const removeAccount = operation({
  method: 'DELETE',
  path: '/accounts/:account',
  summary: 'Remove an account',
  description:
    'Its keys are revoked. An account that has queues stays; one that gets a queue in the same moment is there again after half a minute, ' +
    'without keys.',
  access: server,
  parameters: S.AccountPath,
  answers: { 200: { description: 'It is gone.', schema: S.Deleted } },
  problems: ['AccountNotEmpty', 'Configured'],
  async run({ admin, path: { account } }) {
    const outcome = await admin.removeAccount(account)
    if (outcome === 'has-queues') {
      throw new ProblemError('AccountNotEmpty', `The account '${account}' has queues.`, { account })
    }
    if (outcome === 'configured') throw configured(`The account '${account}'`, { account })
    return jsonAnswer(200, { deleted: outcome === 'removed' } satisfies S.Deleted)
  },
})

export const listKeys = operation({
  method: 'GET',
  path: '/accounts/:account/keys',
  summary: 'List the keys of an account',
  description: 'Without their secrets, which nobody can see again.',
  access: server,
  parameters: S.AccountPath,
  answers: { 200: { description: 'The keys.', schema: S.Keys } },
  problems: ['AccountNotFound'],
  async run({ admin, path: { account } }) {
    await requireAccount(admin, account)
    const keys = await admin.listKeys(account)
    return jsonAnswer(200, { keys: keys.map(keyOf) } satisfies S.Keys)
  },
})

export const createKey = operation({
  method: 'POST',
  path: '/accounts/:account/keys',
  summary: 'Create a key',
  description:
    'With scopes, for the queues that a pattern names, and if wanted until a date. The answer is the only time that its ' +
    'secret is shown. The first key closes an open server, and must have the scope admin.',
  access: server,
  parameters: S.AccountPath,
  body: { kind: 'json', schema: S.CreateKeyRequest, optional: true },
  answers: { 201: { description: 'The key, with its secret.', schema: S.CreatedKey } },
  problems: ['AccountNotFound', 'ArgumentInvalid'],
  async run({ admin, path: { account }, body }) {
    const { scopes = defaultScopes, queues = '*', ...terms } = body
    const issued = await admin.createKey({ account, grants: grantsOf(scopes, [queues]), ...terms })
    if (!issued) throw noAccount(account)
    const { key, secret, token } = issued
    const created: S.CreatedKey = { ...keyOf(key), secret, token }
    return { ...jsonAnswer(201, created), headers: ['Cache-Control', 'no-store'] }
  },
})

export const removeKey = operation({
  method: 'DELETE',
  path: '/accounts/:account/keys/:keyId',
  summary: 'Revoke a key',
  access: server,
  parameters: S.KeyPath,
  answers: { 200: { description: 'It is void from now on.', schema: S.Deleted } },
  problems: ['KeyNotFound', 'Configured'],
  async run({ admin, path: { account, keyId } }) {
    const outcome = await admin.removeKey(account, keyId)
    if (outcome === 'absent') {
      throw new ProblemError('KeyNotFound', `The account '${account}' has no key '${keyId}'.`, { account, keyId })
    }
    if (outcome === 'configured') throw configured(`The key '${keyId}'`, { account, keyId })
    return jsonAnswer(200, { deleted: true } satisfies S.Deleted)
  },
})

const keyOf = ({ grants, client, ...key }: AdminKey): S.Key => ({
  ...key,
  grants: [...grants],
  client: client && { ...client, authorizedDomains: [...client.authorizedDomains] },
})

const configured = (what: string, data: Record<string, string>): ProblemError =>
  new ProblemError('Configured', `${what} stands in the server's configuration file.`, data)

const noAccount = (account: string): ProblemError =>
  new ProblemError('AccountNotFound', `There is no account '${account}'.`, { account })

const requireAccount = async (admin: AdminApi, account: string): Promise<void> => {
  if (!(await admin.getAccount(account))) throw noAccount(account)
}
