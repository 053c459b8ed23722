import type { QueueSettingsPatch } from '../../core/queue.ts'
import type { QueueView } from '../../core/requests.ts'

export const modes = ['NORMAL', 'FIFO', 'KAFKA_HA', 'KAFKA_HT'] as const
export type Mode = (typeof modes)[number]

export const isKafkaMode = (mode: Mode): boolean => mode === 'KAFKA_HA' || mode === 'KAFKA_HT'

const hour = 3_600_000
export const hoursRetained = 72

/** What this door keeps with a queue that was made here. */
interface Kept {
  readonly dms: { readonly mode: Mode }
}

export interface NewQueue {
  readonly mode: Mode
  readonly description: string
  /** Absent: there are no dead letters. */
  readonly maxConsumeCount?: number | undefined
  readonly retentionHours: number
}

/** A queue of each mode in terms of core. */
export const settingsOf = ({ mode, description, maxConsumeCount, retentionHours }: NewQueue): QueueSettingsPatch => ({
  consumerGroups: true,
  ordering: mode === 'FIFO' ? 'ordered' : 'unordered',
  retentionMs: retentionHours * hour,
  maxMessageBytes: largestText,
  receiveLimit: maxConsumeCount ?? null,
  deadLetters: 'group',
  deadLetterAt: 'lease-end',
  deadLetterRetentionMs: hoursRetained * hour,
  visibilityTimeoutMs: 30_000,
  description,
  door: { dms: { mode } } satisfies Kept,
})

/** Messages keep the text that they were sent as, which can be longer than what it says: see `maxBatchBytes`. */
export const largestText = 4_194_304

/** What counts for clients: bytes of the compact JSON of all bodies and attributes of a request or answer. */
export const maxBatchBytes = 524_288

/** Of queues that were made through other doors too. */
export const modeOf = ({ settings: { ordering, door } }: QueueView): Mode => {
  const kept = (door as Partial<Kept>).dms
  const isOrdered = ordering !== 'unordered'
  if (kept && (kept.mode === 'FIFO') === isOrdered) return kept.mode
  return isOrdered ? 'FIFO' : 'NORMAL'
}

export const isKafka = (view: QueueView): boolean => isKafkaMode(modeOf(view))

/** In minutes; of messages that live until they are deleted, none. */
export const minutesRetained = ({ settings: { retentionMs } }: QueueView): number =>
  Math.floor((retentionMs ?? 0) / 60_000)
