import { seal, unseal } from './identity/sealing.ts'
import type { RandomBytes } from './identity/token.ts'

/** Keeps secrets that are needed again in clear, as signing is: sealed under a key that does not lie in the store. */
export interface SecretBox {
  /** `boundTo`: who it is for; it does not open for anyone else. */
  seal(secret: string, boundTo: string): string
  /** Undefined when it was sealed under another key or for someone else, or has been changed. */
  open(sealed: string, boundTo: string): string | undefined
}

/** `serverKey` is asked for when it is first needed. */
export const secretBox = (serverKey: () => Uint8Array, random: RandomBytes): SecretBox => {
  let key: Uint8Array | undefined
  const theKey = () => {
    key ??= serverKey()
    return key
  }
  return {
    seal: (secret, boundTo) => seal(secret, boundTo, theKey(), random),
    open: (sealed, boundTo) => unseal(sealed, boundTo, theKey()),
  }
}
