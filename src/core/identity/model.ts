import type { Millis } from '../clock.ts'
import { type ClientTerms, domainFault } from './client-terms.ts'
import type { Grant } from './identity.ts'
import { isKeyToken } from './token.ts'

/** Who owns queues and credentials. */
export interface Account {
  readonly name: string
  /** For people; may be empty. */
  readonly displayName: string
  readonly createdAt: Millis
}

export const newAccount = (name: string, createdAt: Millis): Account => ({ name, displayName: '', createdAt })

/** A credential without its secret. */
export interface Key {
  readonly id: string
  readonly account: string
  /** For people; may be empty. */
  readonly name: string
  readonly grants: readonly Grant[]
  readonly createdAt: Millis
  readonly expiresAt: Millis | null
  /** To within some minutes; null: never. */
  readonly lastUsedAt: Millis | null
  /** It stands in the configuration file, and only there can it be changed or removed. */
  readonly configured: boolean
  /** Null unless it is for clients: see `ClientTerms`. */
  readonly client: ClientTerms | null
}

export interface NewKey {
  readonly account: string
  readonly name?: string
  readonly grants: readonly Grant[]
  readonly expiresAt?: Millis | null
  readonly client?: NewClientKey
}

/** Terms of a client key. Its text is its secret. */
export interface NewClientKey extends Partial<ClientTerms> {
  /** The text that its clients send; default: one that is made up. */
  readonly key?: string
}

/** The only time the secret is ever shown. */
export interface IssuedKey {
  readonly key: Key
  readonly secret: string
  /** Key id and secret in one, for `Authorization: Bearer`; of a client key the secret by itself, for `X-Client-Key`. */
  readonly token: string
}

/** An account as the configuration file names it. */
export interface ConfiguredAccount {
  readonly name: string
  readonly displayName?: string
  readonly keys: readonly ConfiguredKey[]
  readonly password?: string
}

export interface ConfiguredKey {
  readonly id: string
  readonly secret: string
  readonly name?: string
  readonly grants: readonly Grant[]
  readonly expiresAt?: Millis | null
  /** The secret is then the client key. */
  readonly client?: ClientTerms
}

/** How a key is stored. */
export interface KeyRecord extends Omit<Key, 'lastUsedAt'> {
  /** SHA-256 of the secret. Secrets are long and random, so a slow hash would only cost time. */
  readonly digest: string
  /** The secret itself under the server's key, for schemes whose signatures need it. */
  readonly sealed: string
}

/**
 * Where the documents are. What there is of a key is written in one transaction, and expires together: the key, its place in
 * `accountKeys`, which lists those of an account, and in `clientKeys`.
 */
export const collections = {
  accounts: 'account',
  /** Accounts that were removed, until all that was theirs is gone too; each with what tells its removal from another one. */
  leaving: 'leaving-account',
  /** Accounts that are gone, for as long as somebody may still act for one who had a key a moment ago. */
  removed: 'removed-account',
  keys: 'key',
  accountKeys: 'account-key',
  /** Session tokens that were revoked before their time, until then. */
  endedSessions: 'ended-session',
  /** The digest of a client key to the id of its key. */
  clientKeys: 'client-key',
  /** Key id to when it was last used. It goes with the key. */
  keyUse: 'key-use',
  /** Accounts that close the server: see `Identity.open`. */
  closing: 'closing-account',
  /** Ids of the keys that the configuration file gave at the last start. */
  configuredKeys: 'configured-key',
  passwords: 'password',
  /** Accounts whose password the configuration file gave at the last start. */
  configuredPasswords: 'configured-password',
} as const

export const accountKey = (account: string, keyId: string): string => `${account}\n${keyId}`

/** Expired keys stay in lists for a while, so that it can be seen why a client is refused. */
export const keptAfterExpiryMs = 30 * 86_400_000

const maxNameLength = 256

/** What is wrong with an account's name, if anything. */
export const accountNameFault = (name: string): string | undefined =>
  name.length === 0 || name.length > maxNameLength || /[\p{Cc}\p{Cs}]|^\s|\s$/u.test(name)
    ? `must have 1 to ${maxNameLength} characters, none of them a control character, and no space at its ends`
    : undefined

/** What is wrong with a key id, if anything. An underscore would end it within a token. */
export const keyIdFault = (id: string): string | undefined =>
  /^[A-Za-z0-9.@+-]{1,128}$/.test(id) ? undefined : 'must have 1 to 128 letters, digits or . @ + -'

/** What is wrong with a password that a person chose, if anything. */
export const passwordFault = (password: string): string | undefined =>
  /^[!-~]{12,256}$/.test(password) ? undefined : 'must have 12 to 256 characters, ASCII without spaces'

/** What is wrong with a secret that a person chose, if anything. */
export const secretFault = (secret: string): string | undefined =>
  /^[!-~]{16,256}$/.test(secret) ? undefined : 'must have 16 to 256 characters, ASCII without spaces'

/** What is wrong with a client key, if anything: which of its parts, and how. */
export const clientKeyFault = ({
  grants,
  text,
  authorizedDomains = [],
}: {
  readonly grants: readonly Grant[]
  readonly text?: string | undefined
  readonly authorizedDomains?: readonly string[] | undefined
}): { readonly part: 'scopes' | 'key' | 'authorizedDomains'; readonly reason: string } | undefined => {
  if (grants.some(({ scope }) => scope === 'admin')) {
    return { part: 'scopes', reason: 'must not include admin: a client key can be read by whoever has the client' }
  }
  const fault = text === undefined ? undefined : secretFault(text)
  if (fault) return { part: 'key', reason: fault }
  if (text !== undefined && isKeyToken(text)) {
    return { part: 'key', reason: 'must not look like a bearer token, which mr_ at its beginning makes it' }
  }
  const wrong = authorizedDomains.map(domainFault).find((reason) => reason !== undefined)
  return wrong === undefined ? undefined : { part: 'authorizedDomains', reason: wrong }
}
