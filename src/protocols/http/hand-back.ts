import type { QueueEngine } from '../../core/engine-api.ts'
import type { QueueAddress, ReceivedMessage } from '../../core/requests.ts'

/** For when the client has gone that they were received for: they are as if they had not been received. */
export const handBack =
  (engine: QueueEngine, address: QueueAddress, received: readonly ReceivedMessage[]) => async (): Promise<void> => {
    const entries = received.flatMap(({ receiptHandle }) =>
      receiptHandle === null ? [] : [{ receiptHandle, action: { do: 'release', failed: false } as const }],
    )
    if (entries.length > 0) await engine.settle({ ...address, entries })
  }
