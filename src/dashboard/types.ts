import type { DeliveryType, WatchedQueue } from '../client/index.ts'

/** The types of a message, as they are listed wherever they are. */
export const typeNames: Readonly<Record<DeliveryType, string>> = {
  Q: 'Queued',
  P: 'Processed',
  F: 'Filtered',
  E: 'Errored',
  S: 'Shelved',
  D: 'Delayed',
}

/** How many are of type Q: waiting or in work. */
export const queuedOf = ({ ready, behind, delayed, leased }: WatchedQueue['counts']): number =>
  ready + behind + delayed + leased

export const orderingNames: Readonly<Record<WatchedQueue['ordering'], string>> = {
  unordered: 'Out of order',
  grouped: 'Ordered by group',
  ordered: 'Ordered',
}
