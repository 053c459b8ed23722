import type { Millis } from '../clock.ts'
import { TextSigner } from './signed-text.ts'

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
 * Tokens with an end, for clients that log in first, `mrs_…`. Like account tokens they are stored nowhere; they end with their time, with the
 * key or password that they were given for, or when they are revoked.
 */
export class SessionTokens {
  readonly #signer: TextSigner

  constructor(serverKey: Uint8Array) {
    this.#signer = new TextSigner(serverKey, { prefix, purpose: 'millrace session tokens' })
  }

  sign({ by, subject, version, issuedAt, expiresAt }: SessionClaims): string {
    const text = `${by}.${version}.${issuedAt.toString(36)}.${expiresAt.toString(36)}.${subject}`
    return this.#signer.sign(Buffer.from(text).toString('base64url'))
  }

  /** Undefined when it is not a token of this server, or was changed. Whether it has ended is the caller's to see. */
  read(token: string): SignedClaims | undefined {
    const said = this.#signer.read(token)
    const parts = said === undefined ? null : claims.exec(Buffer.from(said, 'base64url').toString())
    if (!parts) return undefined
    const [, by, version = '', issuedAt = '', expiresAt = '', subject = ''] = parts
    return {
      signature: token.slice(token.lastIndexOf('.') + 1),
      by: by as SessionClaims['by'],
      version,
      subject,
      issuedAt: Number.parseInt(issuedAt, 36),
      expiresAt: Number.parseInt(expiresAt, 36),
    }
  }
}

export const isSessionToken = (token: string): boolean => token.startsWith(prefix)

const prefix = 'mrs_'
const claims = /^(key|password|open)\.([^.]*)\.([^.]*)\.([^.]*)\.(.*)$/s
