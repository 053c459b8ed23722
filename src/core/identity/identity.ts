import type { Millis } from '../clock.ts'
import type { ClientTerms } from './client-terms.ts'

/**
 * What a caller may do. `admin` concerns the whole server (accounts, keys of others, backups) and is not bound to an account.
 */
export type Scope = 'send' | 'receive' | 'manage' | 'admin'

export const scopes: readonly Scope[] = ['send', 'receive', 'manage', 'admin']

export interface Grant {
  readonly scope: Scope
  /** Queue names it holds for: a name, or a pattern in which `*` stands for any run of characters. */
  readonly queues: string
}

/** What a key may do that is given these scopes for the queues that these patterns name. */
export const grantsOf = (scopes: readonly Scope[], patterns: readonly string[]): Grant[] =>
  scopes.flatMap((scope) => (scope === 'admin' ? ['*'] : patterns).map((queues) => ({ scope, queues })))

/** Of a key that is made without any being named. */
export const defaultScopes: readonly Scope[] = ['send', 'receive', 'manage']

/** Who makes a request, once its credentials have been checked. */
export interface Principal {
  readonly account: string
  /** Access key id, or null in open mode. */
  readonly keyId: string | null
  readonly grants: readonly Grant[]
}

/** The one identity model behind every door. */
export interface Identity {
  /**
   * No account has credentials and the server listens on loopback only: any credential will do, or none. It turns false
   * with the first key that is made, within ten seconds where another node of the same store made it, and never true again before the next start.
   */
  readonly open: boolean
  /** Checks a bearer token; no password hash on this path. Undefined: unknown, expired or revoked. */
  byToken(token: string): Principal | undefined | Promise<Principal | undefined>
  /** Whether a token that `byToken` does not take is one of this server that was good once, and only came too late. */
  hasExpired(token: string): Promise<boolean>
  /**
   * Checks what a client has instead of a bearer token: a client key, or the token of any other key. Undefined as for `byToken`. That its
   * terms are kept is up to the caller.
   */
  byClientKey(text: string): ClientAccess | undefined | Promise<ClientAccess | undefined>
  /** In open mode: who may do everything in the account named (`default` if none is), which comes into being. */
  openPrincipal(account?: string): Principal
  /** The same for the account with this project id (see `projectIdOf`); when there is none, one that is named so comes into being. */
  openPrincipalOfProject(projectId: string): Principal | Promise<Principal>
}

/** For what is given away in the name of an account, and has to end with it. */
export interface AccountVersions {
  /**
   * Tells the account from any that has had its name, or gets it once it is removed. Undefined: there is none; on an open server it comes into
   * being.
   */
  accountVersion(account: string): Promise<string | undefined>
}

/** Requests that bear no secret, but a signature that was made with one. */
export interface SignedRequests {
  /** Who has the key, if the signature is one of its secret. Undefined: no such key, expired or revoked, or not signed with it. */
  bySignature(keyId: string, isSignedWith: (secret: string) => boolean): Promise<Principal | undefined>
}

/** Who uses a client key, and on what terms; null: it is not one of a client. */
export interface ClientAccess {
  readonly principal: Principal
  readonly client: ClientTerms | null
}

/** What came of an attempt to log in. `too-many`: it was not looked at, for too many wrong ones came before it. */
export type LogIn = { readonly token: string } | { readonly refused: 'wrong' | 'too-many' }

/** Accounts that people make for themselves, and passwords that are traded for tokens. `byToken` takes these tokens too. */
export interface PasswordLogIn {
  /** An account with a name and a password that are made up here; undefined when too many are being made at once. */
  signUp(displayName?: string): Promise<SignedUp | undefined>
  logIn(account: string, password: string): Promise<LogIn>
}

/** Name and secret as clients that log in have them: a key's id and secret, or an account's name and password. */
export interface Credentials {
  readonly user: string
  readonly secret: string
}

/** Who has a session token, and from when until when it is good. */
export interface Session {
  readonly principal: Principal
  readonly issuedAt: Millis
  readonly expiresAt: Millis
}

export interface IssuedSession extends Session {
  readonly token: string
}

/** What came of an attempt to begin a session. `too-many`: it was not looked at, for too many wrong ones came before it. */
export type SessionLogIn = IssuedSession | { readonly refused: 'wrong' | 'too-many' }

/**
 * Credentials are traded for tokens that end by themselves: a key's id and secret, or an account's name and password. `byToken` takes
 * these tokens too; they end with the key or password as well, or when they are revoked.
 */
export interface SessionLogIns {
  beginSession(credentials: Credentials, lifetimeMs: number): Promise<SessionLogIn>
  /** In an open server, for anybody, in the account named (`default` if none is). */
  beginOpenSession(account: string | undefined, lifetimeMs: number): IssuedSession
  /** Undefined: not such a token, ended, or what it was given for is no more. */
  findSession(token: string): Promise<Session | undefined>
  /** Revokes such a token, at once on this node and within ten seconds on others of its store. */
  endSession(token: string): Promise<void>
}

export interface SignedUp {
  readonly account: string
  /** The only time it is ever shown. */
  readonly password: string
  readonly token: string
}

/** Whether a principal may do something to a queue (to any queue of the account when none is named). */
export const allows = (principal: Principal, scope: Scope, queue?: string): boolean =>
  principal.grants.some(
    (grant) => grant.scope === scope && (queue === undefined ? grant.queues === '*' : matches(grant.queues, queue)),
  )

/** Looks for the pieces between the stars one after the other, so that no pattern takes long. */
const matches = (pattern: string, name: string): boolean => {
  if (pattern === '*' || pattern === name) return true
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined || !name.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
