import type { Clock } from '../clock.ts'
import type { Documents } from '../engine-api.ts'
import { Refusal } from '../errors.ts'
import { type AccountTokenClaims, AccountTokens } from './account-token.ts'
import { always, type IdentityEngine } from './documents.ts'
import { FreshCache } from './fresh-cache.ts'
import type { LogIn, Principal } from './identity.ts'
import { collections } from './model.ts'
import { isPasswordOf } from './password-hash.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { newKeyId, type RandomBytes } from './token.ts'

export interface PasswordsOptions {
  readonly engine: IdentityEngine
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly serverKey: Uint8Array
  /** How long a token that was traded for a password is good; default: for ever. */
  readonly tokenLifetimeMs?: number
}

/** How a password is stored. */
interface PasswordRecord {
  /** Another one with each password, for tokens to name. */
  readonly id: string
  readonly hash: string
}

interface KnownPassword {
  readonly id: string
  readonly principal: Principal
}

/** Passwords of accounts, and the tokens that they are traded for. An account has at most one. */
export class Passwords {
  readonly #options: PasswordsOptions
  readonly #tokens: AccountTokens
  readonly #cache: FreshCache<KnownPassword>
  readonly #hashing: PasswordHashing

  constructor(options: PasswordsOptions, hashing: PasswordHashing) {
    this.#options = options
    this.#hashing = hashing
    this.#tokens = new AccountTokens(options.serverKey)
    this.#cache = new FreshCache((account) => this.#load(account))
  }

  /** Who has this token. Synchronous while the account is in the cache; no hash is made. */
  byToken(token: string): Principal | undefined | Promise<Principal | undefined> {
    const claims = this.#tokens.read(token)
    if (!claims || this.#isOver(claims)) return undefined
    return this.principalOf(claims.account, claims.passwordId)
  }

  /** Whether a token's time is over. */
  hasExpired(token: string): boolean {
    const claims = this.#tokens.read(token)
    return claims !== undefined && this.#isOver(claims)
  }

  #isOver({ issuedAt }: AccountTokenClaims): boolean {
    const { clock, tokenLifetimeMs } = this.#options
    return tokenLifetimeMs !== undefined && clock.now() >= issuedAt + tokenLifetimeMs
  }

  /** Who has the password that was given this id, as long as it is the account's. Synchronous while it is in the cache. */
  principalOf(account: string, id: string): Principal | undefined | Promise<Principal | undefined> {
    const found = this.#cache.get(account, this.#options.clock.now())
    const checked = (known: KnownPassword | undefined) => (known?.id === id ? known.principal : undefined)
    return found instanceof Promise ? found.then(checked) : checked(found)
  }

  async logIn(account: string, password: string): Promise<LogIn> {
    const checked = await this.check(account, password)
    return 'refused' in checked ? checked : { token: this.#token(account, checked.id) }
  }

  /** Whether it is the account's password; slow, and not looked at after too many wrong ones. */
  async check(account: string, password: string): Promise<KnownPassword | { readonly refused: 'wrong' | 'too-many' }> {
    let record: PasswordRecord | undefined
    const checked = await this.#hashing.check(account, password, async () => {
      record = await this.#get(account)
      return record?.hash
    })
    if (checked !== 'right' || !record) return { refused: checked === 'too-many' ? checked : 'wrong' }
    return { id: record.id, principal: { account, keyId: null, grants } }
  }

  /**
   * Sets it, and returns a first token; undefined when too many are being set already. `hold` sees to it that the account is there, in the
   * same transaction.
   */
  async set(account: string, password: string, hold: (documents: Documents) => boolean): Promise<string | undefined> {
    const { engine, randomBytes } = this.#options
    const hashing = this.#hashing.hash(password)
    if (!hashing) return undefined
    const record: PasswordRecord = { id: newKeyId(randomBytes), hash: await hashing }
    await engine.changeDocuments((documents) => {
      if (!hold(documents)) throw new Refusal('ArgumentInvalid', { argument: 'account', reason: 'was just removed' })
      documents.put({ collection: collections.passwords, key: account, value: record, expiresAt: null })
    })
    this.#cache.forget(account)
    return this.#token(account, record.id)
  }

  /** Puts a password of the configuration in place; one that stands there already stays, with its tokens. */
  async configure(account: string, password: string, hold: (documents: Documents) => boolean): Promise<void> {
    const record = await this.#get(account)
    if (record && (await isPasswordOf(record.hash, password))) return
    await this.set(account, password, hold)
  }

  /** Resolves when neither it nor any token of it can be used. */
  async remove(account: string, mayRemove = always): Promise<void> {
    this.#cache.forget(account)
    await this.#options.engine.changeDocuments((documents) => {
      if (mayRemove(documents)) documents.remove(collections.passwords, account)
    })
    this.#cache.forget(account)
  }

  #token(account: string, passwordId: string): string {
    return this.#tokens.sign({ account, passwordId, issuedAt: this.#options.clock.now() })
  }

  async #get(account: string): Promise<PasswordRecord | undefined> {
    const document = await this.#options.engine.getDocument(collections.passwords, account)
    return document?.value as PasswordRecord | undefined
  }

  async #load(account: string): Promise<KnownPassword | undefined> {
    const record = await this.#get(account)
    return record && { id: record.id, principal: { account, keyId: null, grants } }
  }
}

/** Whoever has the password of an account may do everything in it; the server itself is not theirs. */
const grants = (['send', 'receive', 'manage'] as const).map((scope) => ({ scope, queues: '*' }))
