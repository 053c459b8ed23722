import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { RandomBytes } from './token.ts'

export const serverKeyBytes = 32

/** A secret under the server's key (AES-256-GCM), bound to the id of its key: sealed for one, it does not open for another. */
export const seal = (secret: string, keyId: string, serverKey: Uint8Array, random: RandomBytes): string => {
  const nonce = random(nonceBytes)
  const cipher = createCipheriv(algorithm, serverKey, nonce).setAAD(Buffer.from(keyId))
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
}

/** Undefined when it was sealed with another server key, for another id, or has been changed. */
export const unseal = (sealed: string, keyId: string, serverKey: Uint8Array): string | undefined => {
  const bytes = Buffer.from(sealed, 'base64')
  const nonce = bytes.subarray(0, nonceBytes)
  const tag = bytes.subarray(nonceBytes, nonceBytes + tagBytes)
  if (tag.length !== tagBytes) return undefined
  const decipher = createDecipheriv(algorithm, serverKey, nonce).setAAD(Buffer.from(keyId)).setAuthTag(tag)
  try {
    return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
