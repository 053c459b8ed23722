import { createHash } from 'node:crypto'
import type { QueueRecord } from '../queue.ts'

/** The key under which a deduplication id is reserved in its queue, or in its message group. */
export const deduplicationKey = (queue: QueueRecord, messageGroup: string | null, id: string): string => {
  const key =
    queue.settings.deduplicationScope === 'message-group' && messageGroup !== null
      ? `group:${messageGroup.length}:${messageGroup}:${id}`
      : `id:${id}`
  // Keys are kept in an index, and some stores bound what fits there.
  return key.length <= longestKey ? key : `hash:${createHash('sha256').update(key).digest('hex')}`
}

const longestKey = 256

export const idempotencyKey = (key: string): string => `request:${key}`

export const contentId = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex')
