import { createHash } from 'node:crypto'
import type { Store, StoredDocument } from '../core/store.ts'
import { StartError } from './start-error.ts'

const collection = 'server-key'

/** Tells one key from another, and nothing else of it. */
export const sharedFingerprint = (serverKey: Uint8Array): string =>
  createHash('sha256').update('millrace server key').update(serverKey).digest('base64url')

/** What a store that servers share holds of their key. */
export const keyDocument = (fingerprint: string): StoredDocument => ({
  collection,
  key: 'fingerprint',
  value: fingerprint,
  expiresAt: null,
})

/** Of the key of the servers over a store; undefined: no server has worked over it, or each store had a server of its own. */
export const knownFingerprint = async (store: Store): Promise<string | undefined> => {
  let known: unknown
  await store.transact([
    {
      run(transaction) {
        known = transaction.document(collection, 'fingerprint')?.value
      },
    },
  ])
  return typeof known === 'string' ? known : undefined
}

/** Servers over one store seal secrets under one key, or they could not read each other's. What is stored tells nothing of it. */
export const checkSharedServerKey = async (store: Store, serverKey: Uint8Array): Promise<void> => {
  const fingerprint = sharedFingerprint(serverKey)
  let known: unknown
  await store.transact([
    {
      run(transaction) {
        known = transaction.document(collection, 'fingerprint')?.value
        if (known === undefined) transaction.putDocument(keyDocument(fingerprint))
      },
    },
  ])
  if (known === undefined || known === fingerprint) return
  throw new StartError(
    'The server key of this server is another one than that of the servers which share its store. Copy their server.key into ' +
      'the directory of the data, or name it as serverKeyFile.',
  )
}
