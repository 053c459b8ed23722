import type { Clock, Millis } from '../clock.ts'
import type { IdentityEngine } from './documents.ts'
import { FreshCache } from './fresh-cache.ts'
import type { Credentials, IssuedSession, Principal, Session, SessionLogIn } from './identity.ts'
import type { Keys } from './keys.ts'
import { collections } from './model.ts'
import type { Passwords } from './passwords.ts'
import { type SessionClaims, SessionTokens, type SignedClaims } from './session-token.ts'
import { formatToken } from './token.ts'

export interface SessionsOptions {
  readonly engine: IdentityEngine
  readonly serverKey: Uint8Array
  readonly clock: Clock
  readonly keys: Keys
  readonly passwords: Passwords
  /** Who anybody is in an account of an open server; undefined on one that is not open. */
  readonly openPrincipal: (account: string) => Principal | undefined
}

/** Credentials are traded for tokens that end by themselves. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #tokens: SessionTokens
  /** Those that were revoked, by their signatures. */
  readonly #ended: FreshCache<object>

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#tokens = new SessionTokens(options.serverKey)
    this.#ended = new FreshCache((signature) => options.engine.getDocument(collections.endedSessions, signature))
  }

  async begin({ user, secret }: Credentials, lifetimeMs: number): Promise<SessionLogIn> {
    const { keys, passwords } = this.#options
    const key = await keys.byToken(formatToken(user, secret))
    if (key) {
      const { principal, version, record } = key
      return this.#issue({ by: 'key', subject: record.id, version }, principal, lifetimeMs, record.expiresAt)
    }
    const checked = await passwords.check(user, secret)
    if ('refused' in checked) return checked
    return this.#issue({ by: 'password', subject: user, version: checked.id }, checked.principal, lifetimeMs)
  }

  /** For whoever asks an open server. */
  beginOpen(account: string, lifetimeMs: number): IssuedSession | undefined {
    const principal = this.#options.openPrincipal(account)
    return principal && this.#issue({ by: 'open', subject: account, version: '' }, principal, lifetimeMs)
  }

  /** Undefined: unknown, ended, or what it was given for is no more. Synchronous while it is known that it is not, and key or password too. */
  find(token: string): Session | undefined | Promise<Session | undefined> {
    const claims = this.#current(token)
    if (!claims) return undefined
    const ended = this.#ended.get(claims.signature, this.#options.clock.now())
    const principal = this.#principalOf(claims)
    if (ended instanceof Promise || principal instanceof Promise) {
      return Promise.all([ended, principal]).then(([isOver, found]) => (isOver ? undefined : sessionOf(found, claims)))
    }
    return ended ? undefined : sessionOf(principal, claims)
  }

  /** Revokes a token; one that is none, or over, stays as it is. */
  async end(token: string): Promise<void> {
    const claims = this.#current(token)
    if (!claims) return
    const { signature: key, expiresAt } = claims
    await this.#options.engine.putDocument({ collection: collections.endedSessions, key, value: true, expiresAt })
    this.#ended.forget(key)
  }

  #current(token: string): SignedClaims | undefined {
    const claims = this.#tokens.read(token)
    return claims && claims.expiresAt > this.#options.clock.now() ? claims : undefined
  }

  /** Whether a token's own time is over. */
  hasExpired(token: string): boolean {
    const claims = this.#tokens.read(token)
    return claims !== undefined && claims.expiresAt <= this.#options.clock.now()
  }

  #principalOf({ by, subject, version }: SessionClaims): Principal | undefined | Promise<Principal | undefined> {
    switch (by) {
      case 'key':
        return this.#options.keys.principalOf(subject, version)
      case 'password':
        return this.#options.passwords.principalOf(subject, version)
      case 'open':
        return this.#options.openPrincipal(subject)
    }
  }

  #issue(
    given: Pick<SessionClaims, 'by' | 'subject' | 'version'>,
    principal: Principal,
    lifetimeMs: number,
    end: Millis | null = null,
  ): IssuedSession {
    const issuedAt = this.#options.clock.now()
    const expiresAt = Math.min(issuedAt + lifetimeMs, end ?? Number.POSITIVE_INFINITY)
    return { token: this.#tokens.sign({ ...given, issuedAt, expiresAt }), principal, issuedAt, expiresAt }
  }
}

const sessionOf = (principal: Principal | undefined, { issuedAt, expiresAt }: SessionClaims): Session | undefined =>
  principal && { principal, issuedAt, expiresAt }
