import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../clock.ts'

/** What a session token says, once its signature has been checked. */
export interface SessionClaims {
  /** What it was given for: a key, the password of an account, or nothing, by an open server. */
  readonly by: 'key' | 'password' | 'open'
  /** The key's id, or the account's name. */
  readonly subject: string
  /** Tells the secret that it was given for from any later one of the same subject. */
  readonly version: string
  readonly issuedAt: Millis
  readonly expiresAt: Millis
}

/** Claims with what tells their token from any other. */
export interface SignedClaims extends SessionClaims {
  readonly signature: string
}

/**
 * Tokens with an end, for clients that log in first: `mrs_`, what they say, a dot, and an HMAC of it with a key made of the server's.
 * Like account tokens they are stored nowhere; they end with their time, with the key or password that they were given for, or when they are
 * revoked.
 */
export class SessionTokens {
  readonly #key: Uint8Array

  constructor(serverKey: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync('sha256', serverKey, '', 'millrace session tokens', 32))
  }

  sign({ by, subject, version, issuedAt, expiresAt }: SessionClaims): string {
    const text = `${by}.${version}.${issuedAt.toString(36)}.${expiresAt.toString(36)}.${subject}`
    const said = Buffer.from(text).toString('base64url')
    return `${prefix}${said}.${this.#mac(said)}`
  }

  /** Undefined when it is not a token of this server, or was changed. Whether it has ended is the caller's to see. */
  read(token: string): SignedClaims | undefined {
    const dot = token.indexOf('.', prefix.length)
    if (!isSessionToken(token) || dot < 0) return undefined
    const said = token.slice(prefix.length, dot)
    // As text, for the same bytes can be written in several ways.
    const given = Buffer.from(token.slice(dot + 1))
    const signature = this.#mac(said)
    const mac = Buffer.from(signature)
    if (given.length !== mac.length || !timingSafeEqual(given, mac)) return undefined
    const parts = claims.exec(Buffer.from(said, 'base64url').toString())
    if (!parts) return undefined
    const [, by, version = '', issuedAt = '', expiresAt = '', subject = ''] = parts
    return {
      signature,
      by: by as SessionClaims['by'],
      version,
      subject,
      issuedAt: Number.parseInt(issuedAt, 36),
      expiresAt: Number.parseInt(expiresAt, 36),
    }
  }

  #mac(said: string): string {
    return createHmac('sha256', this.#key).update(said).digest('base64url')
  }
}

export const isSessionToken = (token: string): boolean => token.startsWith(prefix)

const prefix = 'mrs_'
const claims = /^(key|password|open)\.([^.]*)\.([^.]*)\.([^.]*)\.(.*)$/s
