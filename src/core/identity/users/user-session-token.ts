import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/**
 * Tokens of sessions: `mru_`, the id of the session, a dot, and an HMAC of it with a key made of the server's. Nothing of the secret part is
 * stored, and yet a session's token can be shown to its user again.
 */
export class UserSessionTokens {
  readonly #key: Uint8Array

  constructor(serverKey: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync('sha256', serverKey, '', 'millrace user session tokens', 32))
  }

  tokenOf(sessionId: string): string {
    return `${prefix}${sessionId}.${this.#mac(sessionId)}`
  }

  /** The session that a token says it is of; undefined when it is not one of this server's. */
  sessionId(token: string): string | undefined {
    const dot = token.indexOf('.')
    if (dot < 0 || !token.startsWith(prefix)) return undefined
    const id = token.slice(prefix.length, dot)
    const given = Buffer.from(token.slice(dot + 1))
    const mac = Buffer.from(this.#mac(id))
    return given.length === mac.length && timingSafeEqual(given, mac) ? id : undefined
  }

  #mac(sessionId: string): string {
    return createHmac('sha256', this.#key).update(sessionId).digest('base64url')
  }
}

const prefix = 'mru_'
