import { createHash } from 'node:crypto'
import type { Store } from '../core/store.ts'
import { StartError } from './start-error.ts'

const collection = 'server-key'

/** Servers over one store seal secrets under one key, or they could not read each other's. What is stored tells nothing of it. */
export const checkSharedServerKey = async (store: Store, serverKey: Uint8Array): Promise<void> => {
  const fingerprint = createHash('sha256').update('millrace server key').update(serverKey).digest('base64url')
  let known: unknown
  await store.transact([
    {
      run(transaction) {
        known = transaction.document(collection, 'fingerprint')?.value
        if (known === undefined) {
          transaction.putDocument({ collection, key: 'fingerprint', value: fingerprint, expiresAt: null })
        }
      },
    },
  ])
  if (known === undefined || known === fingerprint) return
  throw new StartError(
    'The server key of this server is another one than that of the servers which share its store. Copy their server.key into ' +
      'the directory of the data, or name it as serverKeyFile.',
  )
}
