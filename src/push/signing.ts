import { createHmac } from 'node:crypto'
import type { Millis } from '../core/clock.ts'
import { secretsOf } from '../core/operations/push-targets.ts'
import { sealedPrefix } from '../core/push-target.ts'
import type { SecretBox } from '../core/secrets.ts'

/** Signs calls as Standard Webhooks 1.0 has it, over the bytes of the body. */
export type Signer = (id: string, now: Millis, body: Uint8Array) => Readonly<Record<string, string>>

/** One signature for each secret. Undefined when a secret cannot be opened: it was sealed with another server key. */
export const signerOf = (
  account: string,
  sealed: readonly string[],
  secrets: SecretBox | undefined,
): Signer | undefined => {
  if (sealed.length === 0) return () => ({})
  const keys: Buffer[] = []
  for (const text of sealed) {
    const secret = secrets?.open(text.slice(sealedPrefix.length), secretsOf(account))
    if (secret === undefined) return undefined
    keys.push(Buffer.from(secret.slice('whsec_'.length), 'base64'))
  }
  return (id, now, body) => {
    const timestamp = Math.floor(now / 1000)
    const signatures = keys.map(
      (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`,
    )
    return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
  }
}
