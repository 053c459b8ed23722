import type { Queue } from '../../client/index.ts'
import { usageError } from '../exit.ts'
import type { InputLine } from '../input/lines.ts'
import { isObject, parseJson } from '../options/values.ts'
import { describe } from '../report.ts'

/** A message to delete, by the receipt handle of its lease or by its id. */
export type Target = { readonly receiptHandle: string } | { readonly id: string }

export type Deletion = Target & {
  /** False when there was nothing to delete, or it was refused. */
  readonly deleted: boolean
  readonly error?: { readonly code: string; readonly message: string }
}

/** The message that a line names: a bare id, or JSON with a receipt handle or an id. */
export const targetFrom = ({ text, number }: InputLine): Target => {
  const line = text.trim()
  if (!line.startsWith('{')) return { id: line }
  const value = parseJson(line)
  if (isObject(value)) {
    if (typeof value.receiptHandle === 'string') return { receiptHandle: value.receiptHandle }
    if (typeof value.id === 'string') return { id: value.id }
  }
  throw usageError(`line ${number} has neither a receiptHandle nor an id`)
}

export interface DeleteOptions {
  readonly leased: 'anyway' | 'refuse'
  readonly claim: string | undefined
}

/** Deletes all of them at once; each is answered on its own. */
export const deleteTargets = (
  queue: Queue<unknown>,
  targets: readonly Target[],
  options: DeleteOptions,
): Promise<readonly { readonly deletion: Deletion; readonly cause?: unknown }[]> =>
  Promise.all(
    targets.map(async (target) => {
      try {
        const settling =
          'id' in target ? queue.deleteById(target.id, options) : queue.deleteByReceipt(target.receiptHandle)
        return { deletion: { ...target, deleted: (await settling).changed } }
      } catch (cause) {
        const { code, message } = describe(cause)
        return { deletion: { ...target, deleted: false, error: { code, message } }, cause }
      }
    }),
  )
