import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../command.ts'
import { exitCodes } from '../exit.ts'
import { confirm } from '../input/confirm.ts'
import { count } from '../output/format.ts'
import { printable } from '../output/text.ts'
import { withClient } from '../session.ts'

export const purge = () =>
  clientCommand(
    new Command('purge')
      .description('Delete all messages of a queue, in whatever state. The queue and its settings stay.')
      .argument('<queue>', 'the queue')
      .option('-y, --yes', 'do not ask'),
    [
      ['millrace purge orders', 'Delete all messages, after asking'],
      ['millrace purge orders --yes --json', 'Delete all messages in a script'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const { messages } = await client.queues.get(name, { signal: interrupted })
      const question = `Delete all ${count(messages, 'message')} of ${printable(name)}?`
      if (!(await confirm(question, options.yes, interrupted))) return exitCodes.interrupted
      const progress = output.progress(`Purging ${printable(name)}`)
      progress.update(0, messages)
      const purged = await client.queue(name).purge({ signal: interrupted }).finally(progress.end)
      await output.result({ queue: name, purged }, `Deleted ${count(purged, 'message')} of ${printable(name)}.`)
      return undefined
    }),
  )
