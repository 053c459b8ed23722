import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../clock.ts'

/** What an account token says, once its signature has been checked. */
export interface AccountTokenClaims {
  readonly account: string
  /** The password that it was given for: when that is changed or removed, its tokens end. */
  readonly passwordId: string
  readonly issuedAt: Millis
}

/**
 * Tokens that a password was traded for: `mrt_`, what they say, a dot, and an HMAC of it with a key made of the server's. They are stored
 * nowhere, so there can be any number of them, and they outlive a restart.
 */
export class AccountTokens {
  readonly #key: Uint8Array

  constructor(serverKey: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync('sha256', serverKey, '', 'millrace account tokens', 32))
  }

  sign({ account, passwordId, issuedAt }: AccountTokenClaims): string {
    const said = Buffer.from(`${passwordId}.${issuedAt.toString(36)}.${account}`).toString('base64url')
    return `${prefix}${said}.${this.#mac(said)}`
  }

  /** Undefined when it is not a token of this server, or was changed. */
  read(token: string): AccountTokenClaims | undefined {
    const dot = token.indexOf('.', prefix.length)
    if (!isAccountToken(token) || dot < 0) return undefined
    const said = token.slice(prefix.length, dot)
    // As text, for the same bytes can be written in several ways.
    const given = Buffer.from(token.slice(dot + 1))
    const mac = Buffer.from(this.#mac(said))
    if (given.length !== mac.length || !timingSafeEqual(given, mac)) return undefined
    const parts = claims.exec(Buffer.from(said, 'base64url').toString())
    if (!parts) return undefined
    const [, passwordId = '', issuedAt = '', account = ''] = parts
    return { account, passwordId, issuedAt: Number.parseInt(issuedAt, 36) }
  }

  #mac(said: string): string {
    return createHmac('sha256', this.#key).update(said).digest('base64url')
  }
}

export const isAccountToken = (token: string): boolean => token.startsWith(prefix)

const prefix = 'mrt_'
const claims = /^([^.]*)\.([^.]*)\.(.*)$/s
