import type { Millis } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { isAccountToken } from './account-token.ts'
import { type AccountPage, Accounts } from './accounts.ts'
import { applyConfigured } from './configured.ts'
import type {
  AccountVersions,
  Grant,
  Identity,
  PasswordLogIn,
  Principal,
  SessionLogIns,
  SignedRequests,
} from './identity.ts'
import { scopes } from './identity.ts'
import { Keys, type KeysOptions } from './keys.ts'
import {
  type Account,
  accountNameFault,
  type ConfiguredAccount,
  collections,
  type IssuedKey,
  type Key,
  type NewKey,
} from './model.ts'
import { newPassword } from './new-password.ts'
import { PasswordHashing, type PasswordHashingOptions } from './password-hashing.ts'
import { Passwords, type PasswordsOptions } from './passwords.ts'
import { projectIdOf } from './project-id.ts'
import { isSessionToken } from './session-token.ts'
import { Sessions } from './sessions.ts'
import { newAccountName } from './token.ts'
import type { UserSessionsOptions } from './users/user-sessions.ts'
import { Users } from './users/users.ts'

export interface IdentityOptions extends KeysOptions, PasswordsOptions, PasswordHashingOptions, UserSessionsOptions {
  /** Whether the server may be open while no account has credentials: it listens on loopback only. */
  readonly open: boolean
  /** Accounts that the configuration file names, with all their keys there. */
  readonly configured?: readonly ConfiguredAccount[]
}

export interface ShownKey {
  readonly id: string
  /** Tells its secret from another one that a key of the same id had or gets. */
  readonly version: string
  readonly principal: Principal
}

/** `Identity`, and the keeping of accounts and keys. */
export interface IdentityService extends Identity, PasswordLogIn, SessionLogIns, SignedRequests, AccountVersions {
  getAccount(name: string): Promise<Account | undefined>
  listAccounts(query?: { after?: string; limit?: number }): Promise<AccountPage>
  putAccount(account: { name: string; displayName?: string }): Promise<{ account: Account; created: boolean }>
  /** With its keys, its password and its users. One that has queues, or that the configuration file names, stays. */
  removeAccount(name: string): Promise<'removed' | 'absent' | 'has-queues' | 'configured'>

  /** Those of the apps whose accounts these are. */
  readonly users: Users

  listKeys(account: string): Promise<readonly Key[]>
  /** Undefined when there is no such account. The first key closes an open server. */
  createKey(key: NewKey): Promise<IssuedKey | undefined>
  removeKey(account: string, keyId: string): Promise<'removed' | 'absent' | 'configured'>
  /** A key that somebody shows, as it can be kept without its secret. Undefined: not the token of a key, expired or revoked. */
  shownKey(token: string): Promise<ShownKey | undefined>
  /** Who has a key that was shown before. Undefined: it is expired, revoked, or has another secret now. */
  byShownKey(key: Pick<ShownKey, 'id' | 'version'>): Promise<Principal | undefined>

  /** Whether there is any key or password at all: without one nobody can use a closed server. */
  hasKeys(): Promise<boolean>
  /** Writes what is not yet written of the use of keys. */
  stop(): Promise<void>
}

export const createIdentity = async (options: IdentityOptions): Promise<IdentityService> => {
  const { engine, configured = [] } = options
  const accounts = new Accounts({
    ...options,
    async removeBelongings(account, mayRemove) {
      await keys.removeAll(account, mayRemove)
      await passwords.remove(account, mayRemove)
      await users.removeAll(account, mayRemove)
      await engine.changeDocuments((documents) => {
        if (mayRemove(documents)) documents.remove(collections.closing, account)
      })
    },
  })
  const keys = new Keys(options, accounts)
  const hashing = new PasswordHashing(options)
  const passwords = new Passwords(options, hashing)
  const users = new Users(options, hashing, (documents, account) =>
    // On an open server the record of an account that was first named a moment ago may not be there yet.
    open ? accounts.make(documents, account) : accounts.hold(documents, account),
  )
  const openPrincipals = new Map<string, { readonly principal: Principal; readonly madeAt: Millis }>()
  const openProjects = new Map<string, string>()
  const configuredNames = new Set(configured.map(({ name }) => name))

  let open = false
  await accounts.finishRemovals()
  await applyConfigured(configured, { engine, accounts, keys, passwords })
  open = options.open && !(await accounts.anyCloses())
  let lookedAt = options.clock.now()

  /** Another node of the same store may have made the first key. */
  const lookAgain = () => {
    const now = options.clock.now()
    if (!open || now - lookedAt < lookEveryMs) return
    lookedAt = now
    accounts.anyCloses().then(
      (closes) => {
        if (closes) open = false
      },
      () => {},
    )
  }

  const openPrincipal: Identity['openPrincipal'] = (account = 'default') => {
    if (!open) throw new Error('the server is not open')
    const known = openPrincipals.get(account)
    const madeAt = options.clock.now()
    // Another node may have removed it since.
    if (known && madeAt - known.madeAt < lookEveryMs) return known.principal
    const fault = accountNameFault(account)
    if (fault) throw new Refusal('ArgumentInvalid', { argument: 'account', reason: fault })
    const principal = { account, keyId: null, grants: everything }
    if (openPrincipals.size >= maxOpenPrincipals) openPrincipals.clear()
    openPrincipals.set(account, { principal, madeAt })
    // Nobody waits for the record of the account; its queues do without until it is there.
    accounts.put({ name: account }).catch(() => openPrincipals.delete(account))
    return principal
  }

  const openPrincipalOfProject: Identity['openPrincipalOfProject'] = (projectId) => {
    const known = openProjects.get(projectId)
    return known === undefined ? findOpenProject(projectId) : openPrincipal(known)
  }

  const findOpenProject = async (projectId: string): Promise<Principal> => {
    // The record of an account that was first named a moment ago may not be there yet.
    const recent = ['default', ...openPrincipals.keys()].find((account) => projectIdOf(account) === projectId)
    const account = recent ?? (await accounts.nameOfProject(projectId)) ?? projectId
    if (openProjects.size >= maxOpenPrincipals) openProjects.clear()
    openProjects.set(projectId, account)
    return openPrincipal(account)
  }

  const sessions = new Sessions({
    ...options,
    keys,
    passwords,
    openPrincipal: (account) => (open ? openPrincipal(account) : undefined),
  })

  return {
    get open() {
      lookAgain()
      return open
    },

    byToken(token) {
      if (isAccountToken(token)) return passwords.byToken(token)
      if (isSessionToken(token)) {
        const session = sessions.find(token)
        return session instanceof Promise ? session.then((one) => one?.principal) : session?.principal
      }
      const found = keys.byToken(token)
      return found instanceof Promise ? found.then((key) => key?.principal) : found?.principal
    },

    async hasExpired(token) {
      if (isSessionToken(token)) return sessions.hasExpired(token)
      return isAccountToken(token) ? passwords.hasExpired(token) : keys.hasExpired(token)
    },

    openPrincipal,
    openPrincipalOfProject,

    byClientKey: (text) => keys.byClientKey(text),

    beginSession: (credentials, lifetimeMs) => sessions.begin(credentials, lifetimeMs),
    beginOpenSession(account = 'default', lifetimeMs) {
      const session = sessions.beginOpen(account, lifetimeMs)
      if (!session) throw new Error('the server is not open')
      return session
    },
    findSession: async (token) => sessions.find(token),
    endSession: (token) => sessions.end(token),

    async accountVersion(name) {
      const account = open ? (await accounts.put({ name })).account : await accounts.get(name)
      return account?.createdAt.toString(36)
    },

    getAccount: (name) => accounts.get(name),
    listAccounts: (query) => accounts.list(query),
    putAccount: (account) => accounts.put(account),

    async removeAccount(name) {
      if (configuredNames.has(name)) return 'configured'
      if (await accounts.get(name)) {
        const { queues } = await engine.listQueues({ account: name, limit: 1 })
        if (queues.length > 0) return 'has-queues'
      }
      const isRemoved = await accounts.remove(name)
      openPrincipals.delete(name)
      return isRemoved ? 'removed' : 'absent'
    },

    async signUp(displayName) {
      const account = newAccountName(options.randomBytes)
      const password = newPassword(options.randomBytes)
      // An open server stays open: whoever has an account of this kind has it beside what is open to anyone.
      const token = await passwords.set(account, password, (documents) =>
        accounts.make(documents, account, displayName),
      )
      return token === undefined ? undefined : { account, password, token }
    },

    logIn: (account, password) => passwords.logIn(account, password),

    users,

    listKeys: (account) => keys.list(account),

    async createKey(key) {
      if (!(await accounts.get(key.account))) return undefined
      if (open && !key.grants.some(({ scope }) => scope === 'admin')) throw firstKeyMustAdminister()
      const issued = await keys.create(key)
      if (issued) open = false
      return issued
    },

    async removeKey(account, keyId) {
      const key = await keys.get(keyId)
      if (!key || key.account !== account) return 'absent'
      if (key.configured) return 'configured'
      await keys.remove(key)
      return 'removed'
    },

    async shownKey(token) {
      const key = await keys.byToken(token)
      return key && { id: key.record.id, version: key.version, principal: key.principal }
    },
    byShownKey: async ({ id, version }) => keys.principalOf(id, version),

    async bySignature(keyId, isSignedWith) {
      const key = await keys.bySignature(keyId, isSignedWith)
      return key?.principal
    },

    async hasKeys() {
      for (const collection of [collections.keys, collections.passwords]) {
        if ((await engine.listDocuments({ collection, limit: 1 })).length > 0) return true
      }
      return false
    },

    stop: () => keys.uses.write(),
  }
}

/** As long as another node may go on taking a key that was revoked here. */
const lookEveryMs = 10_000

/** Accounts that open mode remembers to have brought into being. */
const maxOpenPrincipals = 10_000

const everything: readonly Grant[] = scopes.map((scope) => ({ scope, queues: '*' }))

const firstKeyMustAdminister = (): Refusal =>
  new Refusal('ArgumentInvalid', {
    argument: 'scopes',
    reason: 'must include admin: the first key closes this open server, and without it nobody could make another',
  })
