import type { RecordKind, Store, StoredDocument, Transaction } from '../store.ts'

/**
 * In a store that is being copied into, until it is whole: how far it is. It changes in the same transaction as the records, so
 * whoever ends the copying, it goes on right behind the last record that is there.
 */
export interface CopyMark {
  /** Where the records come from, to show to people and to tell from other places. */
  readonly from: string
  /** Drawn for each run of the copying: when it is another one, somebody else has taken over. */
  readonly run: string
  /** What is being copied; null: everything is there, and is being compared. */
  readonly kind: RecordKind | null
  /** The place in the source after which to go on; null: at the beginning. */
  readonly after: string | null
  /** Records that are there, of all kinds. */
  readonly records: number
}

const collection = 'store-copy'
const key = 'under-way'

export const isCopyMark = (document: StoredDocument): boolean => document.collection === collection

export const readMark = (transaction: Transaction): CopyMark | undefined =>
  transaction.document(collection, key)?.value as CopyMark | undefined

export const putMark = (transaction: Transaction, mark: CopyMark): void =>
  transaction.putDocument({ collection, key, value: mark, expiresAt: null })

export const removeMark = (transaction: Transaction): void => transaction.removeDocument(collection, key)

/** The copying into a store that has not come to its end; nobody may work with such a store. */
export const unfinishedCopy = async (store: Store): Promise<CopyMark | undefined> => {
  let mark: CopyMark | undefined
  await store.transact([
    {
      run(transaction) {
        mark = readMark(transaction)
      },
    },
  ])
  return mark
}

/** Why a server does not start on such a store, and what to do. */
export const unfinishedCopySentence = ({ from }: CopyMark): string =>
  `This store is being copied into from ${from}, and is not whole yet. Let the copying come to its end, by running the same ` +
  "'millrace store copy' again if it was interrupted, and start then."
