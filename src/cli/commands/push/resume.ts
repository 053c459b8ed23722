import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const resumePush = () =>
  clientCommand(
    new Command('resume')
      .summary('end the pause of a service')
      .description('Try a service that could not be reached again at once, instead of at the end of its pause.')
      .argument('<queue>', 'the queue')
      .option('-g, --group <subscriber>', 'a subscriber of the queue, instead of the queue itself'),
    [
      ['millrace push resume orders', 'The service is there again'],
      ['millrace push resume orders --group shop-hook', 'The same for a subscriber'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, queue, { group }) => {
      const target = await client.queues.resumePush(queue, { group, signal: interrupted })
      await output.result(target, `${printable(target.url)} is tried again.`)
      return undefined
    }),
  )
