import { Command } from '@commander-js/extra-typings'
import type { QueueInfo } from '../../../client/index.ts'
import { clientCommand } from '../../command.ts'
import { whole } from '../../options/values.ts'
import { formatCount } from '../../output/format.ts'
import type { Column } from '../../output/table.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

const pageSize = 200

export const listQueues = () =>
  clientCommand(
    new Command('list')
      .alias('ls')
      .summary('list queues')
      .description('List queues with the numbers of their messages, in the order of their names.')
      .option('--prefix <text>', 'only queues whose names begin so')
      .option('-n, --max <count>', 'queues to list at most (default: all)', whole(1))
      .option('--all', 'also virtual queues that hold no message any more'),
    [
      ['millrace queue list', 'Show all queues'],
      ["millrace queue list --json | jq -r 'select(.counts.ready > 1000) | .name'", 'Find those that fall behind'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, options) => {
      const found: QueueInfo[] = []
      let left = options.max ?? Number.POSITIVE_INFINITY
      let after: string | undefined
      do {
        const page = await client.queues.list({
          prefix: options.prefix,
          after,
          limit: Math.min(left, pageSize),
          includeEmptyVirtual: options.all,
          signal: interrupted,
        })
        if (output.json) for (const queue of page.queues) await output.record(queue)
        else found.push(...page.queues)
        left -= page.queues.length
        after = page.next ?? undefined
      } while (after !== undefined && left > 0)
      if (!output.json) await output.list(found, columns, 'There are no queues.')
      return undefined
    }),
  )

const number = (header: string, value: (queue: QueueInfo) => number): Column<QueueInfo> => ({
  header,
  value: (queue) => formatCount(value(queue)),
  align: 'right',
})

const columns: readonly Column<QueueInfo>[] = [
  { header: 'NAME', value: (queue) => printable(queue.name) },
  number('MESSAGES', (queue) => queue.messages),
  number('READY', ({ counts }) => counts.ready + counts.behind),
  number('DELAYED', ({ counts }) => counts.delayed + counts.reprocessing),
  number('LEASED', ({ counts }) => counts.leased),
  number('FINISHED', ({ counts }) => counts.processed + counts.errored + counts.filtered + counts.shelved),
  { header: 'KIND', value: kindOf, flexible: true },
]

function kindOf({ explicit, settings }: QueueInfo): string {
  const kind = [explicit ? settings.ordering : 'virtual']
  if (settings.consumerGroups) kind.push('consumer groups')
  if (settings.paused) kind.push('paused')
  return kind.join(', ')
}
