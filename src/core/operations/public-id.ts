import { Refusal } from '../errors.ts'
import { messageId, parseMessageId } from '../ids.ts'
import type { QueueRecord } from '../queue.ts'
import type { Step } from '../step.ts'

/** Which queue has an id that somebody chose: `account`, a line break and the id, to the queue's number. */
const collection = 'queue-public-id'

const documentKey = (account: string, publicId: string): string => `${account}\n${publicId}`

/**
 * How APIs that name queues by id name this one: the id in its settings, else one made of its creation and number, so that it needs no
 * index and stays for as long as the queue does.
 */
export const publicIdOf = ({ settings, createdAt, id }: Omit<QueueRecord, 'groups'>): string =>
  settings.publicId ?? messageId(createdAt, id)

export const queueByPublicId = (step: Step, account: string, text: string): QueueRecord | undefined => {
  const parts = text.length === 24 ? parseMessageId(text) : undefined
  if (!parts) return undefined
  const document = step.tx.document(collection, documentKey(account, text.toLowerCase()))
  const chosen = document && step.tx.queueById(document.value as number)
  if (chosen) return chosen
  const made = step.tx.queueById(parts.serial)
  return made?.account === account && made.createdAt === parts.sentAt ? made : undefined
}

/** Before anything is written: no two queues of an account have the same id. */
export const checkPublicId = (step: Step, account: string, publicId: string | null, queue?: QueueRecord): void => {
  if (publicId === null) return
  const holder = queueByPublicId(step, account, publicId)
  if (!holder || holder.id === queue?.id) return
  throw new Refusal('SettingInvalid', { setting: 'publicId', reason: `is that of the queue '${holder.name}' already` })
}

/** When the settings of a queue are written, and (`after` being null) when it goes. */
export const indexPublicId = (
  step: Step,
  { account, id }: Pick<QueueRecord, 'account' | 'id'>,
  before: string | null,
  after: string | null,
): void => {
  if (before === after) return
  step.writes++
  if (before !== null) step.tx.removeDocument(collection, documentKey(account, before))
  if (after !== null) {
    step.tx.putDocument({ collection, key: documentKey(account, after), value: id, expiresAt: null })
  }
}
