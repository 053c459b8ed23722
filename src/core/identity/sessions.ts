import type { Clock, Millis } from '../clock.ts'
import type { Credentials, IssuedSession, Principal, Session, SessionLogIn } from './identity.ts'
import type { Keys } from './keys.ts'
import type { Passwords } from './passwords.ts'
import { type SessionClaims, SessionTokens } from './session-token.ts'
import { formatToken } from './token.ts'

export interface SessionsOptions {
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

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#tokens = new SessionTokens(options.serverKey)
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

  /** Undefined: unknown, ended, or what it was given for is no more. Synchronous while key or password is in its cache. */
  find(token: string): Session | undefined | Promise<Session | undefined> {
    const claims = this.#tokens.read(token)
    if (!claims || claims.expiresAt <= this.#options.clock.now()) return undefined
    const found = this.#principalOf(claims)
    return found instanceof Promise ? found.then((principal) => sessionOf(principal, claims)) : sessionOf(found, claims)
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
