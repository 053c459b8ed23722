import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit.ts'
import { eagerBatches } from '../input/batches.ts'
import { readLines } from '../input/lines.ts'
import { deleteTargets, type Target, targetFrom } from '../messages/delete-targets.ts'
import { collect } from '../options/values.ts'
import { count } from '../output/format.ts'
import { describe } from '../report.ts'
import { withClient } from '../session.ts'

const batchLimits = { maxCount: 1000, maxBytes: 1024 * 1024 }

export const deleteMessages = () =>
  clientCommand(
    new Command('delete')
      .description(
        'Delete messages, by receipt handle or by id. Without either, they are read from standard input, one a line: an id, ' +
          'or JSON as receive and peek write it, of which a receipt handle is preferred to an id.',
      )
      .argument('<queue>', 'the queue')
      .argument('[id...]', 'ids of messages')
      .option('-r, --receipt <handle>', 'the receipt handle of a message; again for more', collect)
      .option('--force', 'delete messages by id even while somebody else holds them')
      .option('--claim <id>', 'the claim that the messages are under')
      .option('-g, --group <name>', 'only for this consumer group'),
    [
      [
        'millrace delete orders --receipt 00000000-04d2-4a1b-8000-0007c0ffee00',
        'Acknowledge a message that was received',
      ],
      ['millrace delete orders 01b8a3d5c4000000000004d2', 'Delete a message that nobody has received'],
      ['millrace receive orders -n 100 | ./process | millrace delete orders', 'Delete what was processed'],
      ["millrace peek orders --json | jq -c 'select(.priority < 0)' | millrace delete orders", 'Delete a selection'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, ids, options) => {
      const queue = client.queue(name, { group: options.group })
      const fate = { leased: options.force ? ('anyway' as const) : ('refuse' as const), claim: options.claim }
      const given: Target[] = [
        ...ids.map((id) => ({ id })),
        ...(options.receipt ?? []).map((receiptHandle) => ({ receiptHandle })),
      ]
      const tally = { deleted: 0, absent: 0, failed: 0 }
      let cause: unknown
      for await (const batch of given.length > 0 ? [given] : targets(interrupted)) {
        for (const result of await deleteTargets(queue, batch, fate)) {
          const { deletion } = result
          tally[deletion.deleted ? 'deleted' : deletion.error ? 'failed' : 'absent'] += 1
          cause ??= result.cause
          if (output.json) await output.result(deletion, '')
          else if (!deletion.deleted) {
            const subject = 'id' in deletion ? deletion.id : deletion.receiptHandle
            output.warn(`${subject}: ${deletion.error?.message ?? 'There is no such message.'}`)
          }
        }
      }
      output.note(`Deleted ${count(tally.deleted, 'message')}.`)
      return interrupted.aborted ? exitCodes.interrupted : exitCodeFor(tally, cause)
    }),
  )

async function* targets(signal: AbortSignal): AsyncGenerator<Target[]> {
  const read = async function* () {
    for await (const line of readLines(process.stdin, signal)) {
      if (line.text.trim() !== '') yield { target: targetFrom(line), bytes: line.text.length }
    }
  }
  for await (const batch of eagerBatches(read(), batchLimits)) yield batch.map(({ target }) => target)
}

/** When nothing was deleted at all, the first reason counts. */
const exitCodeFor = (
  { deleted, absent, failed }: { deleted: number; absent: number; failed: number },
  cause: unknown,
): ExitCode | undefined => {
  if (absent + failed === 0) return undefined
  if (deleted > 0) return exitCodes.partial
  return failed > 0 ? describe(cause).exitCode : exitCodes.notFound
}
