import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { queueProperties } from '../../queues/view.ts'
import { withClient } from '../../session.ts'

export const showQueue = () =>
  clientCommand(
    new Command('show')
      .summary('show a queue')
      .description('Show a queue with its settings, the numbers of its messages and its consumer groups.')
      .argument('<queue>', 'the queue'),
    [
      ['millrace queue show orders', 'Show a queue'],
      ['millrace queue show orders --json | jq .counts', 'Read the numbers of its messages'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name) => {
      const queue = await client.queues.get(name, { span: true, signal: interrupted })
      await output.properties(queue, queueProperties(queue, Date.now()))
      return undefined
    }),
  )
