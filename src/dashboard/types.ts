import type { DeliveryType } from '../client/index.ts'

/** The types of a message, as they are listed wherever they are. */
export const typeNames: Readonly<Record<DeliveryType, string>> = {
  Q: 'Queued',
  P: 'Processed',
  F: 'Filtered',
  E: 'Errored',
  S: 'Shelved',
  D: 'Delayed',
}
