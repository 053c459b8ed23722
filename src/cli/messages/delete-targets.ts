import type { Queue } from '../../client/index.ts'
import { usageError } from '../exit.ts'
import type { InputLine } from '../input/lines.ts'
import { isObject, parseJson } from '../options/values.ts'
import type { SettleByReceipt } from '../receipts.ts'
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

/** Deletes all of them at once; each is answered on its own. Rejects only when no answer came at all. */
export const deleteTargets = async (
  queue: Queue<unknown>,
  settle: SettleByReceipt,
  targets: readonly Target[],
  options: DeleteOptions,
): Promise<readonly { readonly deletion: Deletion; readonly cause?: unknown }[]> => {
  const handles = targets.flatMap((target) => ('receiptHandle' in target ? [target.receiptHandle] : []))
  const settled = handles.length > 0 ? await settle(queue.name, handles) : new Map<string, boolean | Error>()
  return Promise.all(
    targets.map(async (target) => {
      try {
        const result =
          'id' in target ? (await queue.deleteById(target.id, options)).changed : settled.get(target.receiptHandle)
        if (result instanceof Error) throw result
        return { deletion: { ...target, deleted: result === true } }
      } catch (cause) {
        const { code, message } = describe(cause)
        return { deletion: { ...target, deleted: false, error: { code, message } }, cause }
      }
    }),
  )
}
