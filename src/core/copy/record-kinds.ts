import type { RecordKind } from '../store.ts'

/** What others refer to comes first: written in this order, records keep to the contract of `Transaction`. */
export const recordKinds = [
  'queue',
  'group',
  'counts',
  'counts-of-day',
  'message',
  'delivery',
  'deduplication',
  'retention-mark',
  'history',
  'steps',
  'document',
] as const satisfies readonly RecordKind[]
