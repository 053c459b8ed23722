import type { Millis } from '../clock.ts'
import { TextSigner } from './signed-text.ts'

/** What an account token says, once its signature has been checked. */
export interface AccountTokenClaims {
  readonly account: string
  /** The password that it was given for: when that is changed or removed, its tokens end. */
  readonly passwordId: string
  readonly issuedAt: Millis
}

/** Tokens that a password was traded for, `mrt_…`. */
export class AccountTokens {
  readonly #signer: TextSigner

  constructor(serverKey: Uint8Array) {
    this.#signer = new TextSigner(serverKey, { prefix, purpose: 'millrace account tokens' })
  }

  sign({ account, passwordId, issuedAt }: AccountTokenClaims): string {
    const text = `${passwordId}.${issuedAt.toString(36)}.${account}`
    return this.#signer.sign(Buffer.from(text).toString('base64url'))
  }

  /** Undefined when it is not a token of this server, or was changed. */
  read(token: string): AccountTokenClaims | undefined {
    const said = this.#signer.read(token)
    const parts = said === undefined ? null : claims.exec(Buffer.from(said, 'base64url').toString())
    if (!parts) return undefined
    const [, passwordId = '', issuedAt = '', account = ''] = parts
    return { account, passwordId, issuedAt: Number.parseInt(issuedAt, 36) }
  }
}

export const isAccountToken = (token: string): boolean => token.startsWith(prefix)

const prefix = 'mrt_'
const claims = /^([^.]*)\.([^.]*)\.(.*)$/s
