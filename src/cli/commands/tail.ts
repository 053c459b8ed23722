import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { isMillraceError } from '../../client/index.ts'
import { clientCommand } from '../command.ts'
import { follow } from '../messages/follow.ts'
import { storedLine } from '../messages/members.ts'
import { bodyText, messageRow } from '../messages/view.ts'
import { duration, whole } from '../options/values.ts'
import { withClient } from '../session.ts'

const shortestInterval = 50

export const tail = () =>
  clientCommand(
    new Command('tail')
      .description(
        'Watch messages arrive without taking them: the last ones, then each new one until Ctrl-C. It looks at intervals; a ' +
          'message that is deleted between two looks is not seen.',
      )
      .argument('<queue>', 'the queue; it may come into being later')
      .option('-n, --last <count>', 'how many of the messages that are there to show first', whole(0, 1000), 10)
      .option('--interval <duration>', 'how long to wait between two looks', interval, 500)
      .option('-g, --group <name>', 'as this consumer group sees them')
      .option('--bodies', 'write nothing but the bodies, each on a line'),
    [
      ['millrace tail orders', 'Show the last ten messages, then each new one'],
      ['millrace tail orders -n 0 --json | jq .body', 'Follow the bodies of new messages'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const queue = client.queue(name, { group: options.group })
      const plan = { last: options.last, intervalMs: options.interval, signal: interrupted }
      try {
        for await (const message of follow(queue, plan)) {
          if (options.bodies) await output.line(bodyText(message))
          else await output.line(output.json ? storedLine(message) : messageRow(message, output))
        }
      } catch (error) {
        if (!(interrupted.aborted && isMillraceError(error, 'Aborted'))) throw error
      }
      return undefined
    }),
  )

function interval(text: string): number {
  const milliseconds = duration(text)
  if (milliseconds < shortestInterval) throw new InvalidArgumentError(`Give at least ${shortestInterval}ms.`)
  return milliseconds
}
