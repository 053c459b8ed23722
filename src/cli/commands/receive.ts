import { Command, Option } from '@commander-js/extra-typings'
import { clientCommand } from '../command.ts'
import { exitCodes, usageError } from '../exit.ts'
import { poppedLine, receivedLine } from '../messages/members.ts'
import { receiveLoop } from '../messages/receive-loop.ts'
import { bodyText, messageBlock } from '../messages/view.ts'
import { duration, size, whole } from '../options/values.ts'
import { printable } from '../output/text.ts'
import { describe } from '../report.ts'
import { withClient } from '../session.ts'

export const receive = () =>
  clientCommand(
    new Command('receive')
      .description(
        'Receive messages. They stay leased for the visibility timeout, to be deleted by their receipt handle, unless ' +
          '--delete or --pop is given. Ctrl-C releases what has not been deleted.',
      )
      .argument('<queue>', 'the queue')
      .option('-n, --max <count>', 'messages to receive at most (default: 1, without end with --follow)', whole(1))
      .option('-w, --wait <duration>', "how long to wait for a first message (default: the queue's)", duration)
      .option('-f, --follow', 'go on until Ctrl-C')
      .addOption(
        new Option(
          '-d, --delete',
          'delete each message once it is written: none is lost, some may come twice',
        ).conflicts('pop'),
      )
      .option('--pop', 'delete messages by receiving them: none comes twice, some may be lost')
      .option('--bodies', 'write nothing but the bodies, each on a line')
      .option('-g, --group <name>', 'the consumer group to receive as')
      .option('--dead-letters', 'receive the dead letters that the group keeps apart')
      .option('--visibility-timeout <duration>', "how long the messages stay hidden (default: the queue's)", duration)
      .option('--max-bytes <size>', 'stop before this many bytes a request', size)
      .option('--holder <name>', 'who receives, to be shown to people')
      .option('--must-exist', 'fail when there is no such queue, instead of waiting for it'),
    [
      ['millrace receive orders', 'Receive one message; it is hidden from others meanwhile'],
      ['millrace receive orders --max 10 --wait 20s --delete', 'Receive and delete up to ten, waiting for the first'],
      ['millrace receive orders --follow --delete --bodies | ./process', 'Hand over each body as it comes'],
      ['millrace receive orders -n 100 | ./process | millrace delete orders', 'Delete what was processed'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      if (
        options.pop &&
        (options.deadLetters || options.visibilityTimeout !== undefined || options.maxBytes !== undefined)
      ) {
        throw usageError('--pop goes with none of --dead-letters, --visibility-timeout and --max-bytes')
      }
      const queue = client.queue(name, {
        group: options.group,
        deadLetters: options.deadLetters,
        holder: options.holder,
      })
      const plan = {
        count: options.max ?? (options.follow ? null : 1),
        fate: options.delete ? ('delete' as const) : options.pop ? ('pop' as const) : ('keep' as const),
        options: {
          waitMs: options.follow ? undefined : options.wait,
          visibilityTimeoutMs: options.visibilityTimeout,
          maxBytes: options.maxBytes,
          ifMissing: options.mustExist ? ('refuse' as const) : undefined,
        },
      }
      const { count, failures } = await receiveLoop(
        queue,
        plan,
        (message) => {
          if (options.bodies) return output.line(bodyText(message))
          if (output.json) return output.line('receiptHandle' in message ? receivedLine(message) : poppedLine(message))
          return output.line(messageBlock(message, output, Date.now()))
        },
        interrupted,
      )
      for (const failure of failures)
        output.warn(`A message was not deleted and comes again: ${describe(failure).message}`)
      if (failures.length > 0) return exitCodes.partial
      if (interrupted.aborted) return options.follow ? undefined : exitCodes.interrupted
      if (count > 0) return undefined
      output.note(`No message came from ${printable(name)}.`)
      return exitCodes.notFound
    }),
  )
