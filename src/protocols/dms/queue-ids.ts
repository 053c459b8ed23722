import { messageId, messageIdAsUuid, parseMessageId } from '../../core/ids.ts'
import type { GroupView, QueueView } from '../../core/requests.ts'
import { Refused } from './problems.ts'

/** Queues are named by UUIDs here, which are another form of their public ids. */
export const queueUuid = ({ publicId }: Pick<QueueView, 'publicId'>): string => messageIdAsUuid(publicId)

/** The public id; undefined when no queue can have this one. */
export const publicIdOf = (text: string): string | undefined => {
  if (!uuid.test(text)) throw new Refused(10240015)
  const parts = parseMessageId(text)
  return parts && messageId(parts.sentAt, parts.serial)
}

/** What this door keeps with a group that was made here: its id, which a purge of the queue does not change. */
interface Kept {
  readonly dms: { readonly id: string }
}

export const keptWithGroup = (id: string): Kept & Record<string, unknown> => ({ dms: { id } })

export const groupUuid = ({ door, createdAt, id }: Pick<GroupView, 'door' | 'createdAt' | 'id'>): string => {
  const kept = (door as Partial<Kept>).dms
  return `g-${kept?.id ?? messageIdAsUuid(messageId(createdAt, id))}`
}

/** Those of its groups that are received from. */
export const readersOf = ({ groups }: Pick<QueueView, 'groups'>): readonly GroupView[] =>
  groups.filter(({ kind }) => kind === 'consumer' || kind === 'default')

export const checkGroupId = (text: string): string => {
  if (!text.startsWith('g-') || !uuid.test(text.slice(2))) throw new Refused(10240016)
  return text.toLowerCase()
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
