import { createHmac } from 'node:crypto'
import type { Millis } from '../core/clock.ts'

/** Signs calls as Standard Webhooks 1.0 has it, over the bytes of the body. */
export type Signer = (id: string, now: Millis, body: Uint8Array) => Readonly<Record<string, string>>

/** One signature for each secret (`whsec_…`). */
export const signerOf = (secrets: readonly string[]): Signer => {
  if (secrets.length === 0) return () => ({})
  const keys = secrets.map((secret) => Buffer.from(secret.slice('whsec_'.length), 'base64'))
  return (id, now, body) => {
    const timestamp = Math.floor(now / 1000)
    const signatures = keys.map(
      (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`,
    )
    return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
  }
}
