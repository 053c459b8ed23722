import type { MessageFilter, OperatorAction, Task } from '../../client/index.ts'
import { type ExitCode, exitCodes, Failure, usageError } from '../exit.ts'
import { confirm } from '../input/confirm.ts'
import { type FilterOptions, filterFrom } from '../options/filter.ts'
import { count } from '../output/format.ts'
import { printable } from '../output/text.ts'
import type { ClientSession } from '../session.ts'
import { watchTask } from '../tasks.ts'

export interface Operation {
  readonly queue: string
  readonly ids: readonly string[]
  readonly options: FilterOptions & {
    readonly group?: string | undefined
    /** Every message of the queue is meant. */
    readonly all?: true | undefined
    readonly yes?: true | undefined
  }
  readonly action: OperatorAction
  /** What is done, for sentences: `Reprocess`, `reprocessed`. */
  readonly words: { readonly does: string; readonly done: string }
}

const mostIds = 1000

/** Acts on the messages with the ids given, or on all that match, after asking. */
export const operate = async (session: ClientSession, operation: Operation): Promise<ExitCode | undefined> => {
  const { ids, options } = operation
  const { all } = options
  const filter = filterFrom(options)
  if (ids.length > 0 && (filter || all)) throw usageError('Give ids or a filter, not both')
  if (ids.length > mostIds) throw usageError('At most 1,000 ids at a time')
  if (ids.length > 0) return byIds(session, operation)
  if (!filter && !all) throw usageError('Give ids, a filter, or --all for every message of the queue')
  return onAll(session, operation, filter)
}

const byIds = async ({ client, output, interrupted }: ClientSession, operation: Operation) => {
  const { queue, ids, options, action, words } = operation
  const answer = await client.queue(queue, { group: options.group }).operate.act(ids, action, { signal: interrupted })
  for (const result of answer.results) {
    if (output.json) await output.result(result, '')
    else if (result.skipped !== null) output.warn(`${result.id}: ${reasons[result.skipped]}.`)
  }
  output.note(`${count(answer.changed, 'message')} ${words.done}.`)
  if (answer.skipped === 0) return undefined
  return answer.changed > 0 ? exitCodes.partial : exitCodes.notFound
}

const reasons = {
  gone: 'there is no such message in the queue',
  'in-work': 'a worker holds it',
  'nothing-to-do': 'there is nothing to be done to it',
  refused: 'the other queue did not take it',
} as const

const onAll = async (session: ClientSession, operation: Operation, filter: MessageFilter | undefined) => {
  const { client, output, interrupted } = session
  const { queue, options, action, words } = operation
  const place = client.queue(queue, { group: options.group })
  const { count: matching } = await place.operate.count(filter, { signal: interrupted })
  const question = `${words.does} ${count(matching, 'message')} of ${printable(queue)}?`
  if (!(await confirm(question, options.yes, interrupted))) return exitCodes.interrupted
  const started = await place.operate.actOnAll(action, filter, { signal: interrupted })
  const ended = await watchTask(client, started, output.progress(`${words.does}: ${printable(queue)}`), interrupted)
  if (ended.state === 'failed') throw new Failure(exitCodes.failure, sentence(ended, words.done))
  await output.result(ended, sentence(ended, words.done))
  return ended.state === 'completed' ? undefined : exitCodes.interrupted
}

const sentence = ({ state, changed, skipped, failure }: Task, done: string): string => {
  const end = `${count(changed, 'message')} ${done}, ${skipped} skipped`
  if (state === 'completed') return `${end}.`
  return state === 'failed' ? `It failed: ${failure ?? 'nobody knows why'}. ${end}.` : `It was stopped. ${end}.`
}
