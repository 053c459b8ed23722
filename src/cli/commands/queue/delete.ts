import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { exitCodes, Failure } from '../../exit.ts'
import { confirm } from '../../input/confirm.ts'
import { count } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const deleteQueue = () =>
  clientCommand(
    new Command('delete')
      .alias('rm')
      .summary('delete a queue')
      .description('Delete a queue with all its messages.')
      .argument('<queue>', 'the queue')
      .option('-y, --yes', 'do not ask'),
    [
      ['millrace queue delete orders', 'Delete a queue; asks when it holds messages'],
      ['millrace queue delete orders --yes', 'Delete a queue in a script'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const { messages } = await client.queues.get(name, { signal: interrupted })
      const question = `Delete ${printable(name)} with ${count(messages, 'message')}?`
      if (messages > 0 && !(await confirm(question, options.yes, interrupted))) return exitCodes.interrupted
      const deleted = await client.queues.delete(name, { signal: interrupted })
      if (!deleted) throw new Failure(exitCodes.notFound, `There is no queue named '${printable(name)}'.`)
      await output.result({ queue: name, deleted }, `Deleted ${printable(name)}.`)
      return undefined
    }),
  )
