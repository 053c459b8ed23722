import { Command } from '@commander-js/extra-typings'
import type { StoredMessage } from '../../../client/index.ts'
import { clientCommand } from '../../command.ts'
import { storedLine } from '../../messages/members.ts'
import { columnsOfMessages } from '../../messages/view.ts'
import { filterFrom, withFilter } from '../../options/filter.ts'
import { whole } from '../../options/values.ts'
import { formatCount } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

const largestPage = 100

export const search = () =>
  clientCommand(
    withFilter(
      new Command('search')
        .description('Find messages of any type and state: the newest ones first, or how many match.')
        .argument('<queue>', 'the queue')
        .option('-n, --max <count>', 'messages to show at most (default: 10)', whole(1))
        .option('--oldest', 'the oldest first')
        .option('--count', 'say how many there are of each type instead')
        .option('-g, --group <name>', 'as this consumer group has them'),
    ),
    [
      ['millrace messages search results --type D', 'Show what workers have put aside'],
      ['millrace messages search results --type E --since 1h --reason timeout', 'Show what failed so of late'],
      ['millrace messages search results --body "ward*north" --count', 'Say how many messages are about it'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const { operate } = client.queue(name, { group: options.group })
      const filter = filterFrom(options)
      if (options.count) {
        const counted = await operate.count(filter, { signal: interrupted })
        const types = Object.entries(counted.types).filter(([, of]) => of > 0)
        const byType = types.map(([type, of]) => `${formatCount(of)} ${type}`).join(', ')
        await output.result(counted, `${formatCount(counted.count)}${byType === '' ? '' : ` (${byType})`}`)
        return undefined
      }
      const found: StoredMessage<unknown>[] = []
      let left = options.max ?? 10
      let page: string | null | undefined
      while (left > 0 && page !== null) {
        const answer = await operate.search({
          filter,
          newestFirst: !options.oldest,
          limit: Math.min(left, largestPage),
          page,
          signal: interrupted,
        })
        if (output.json) for (const message of answer.messages) await output.line(storedLine(message))
        else found.push(...answer.messages)
        left -= answer.messages.length
        page = answer.next
      }
      if (!output.json)
        await output.list(found, columnsOfMessages(Date.now()), `Nothing of that kind in ${printable(name)}.`)
      return undefined
    }),
  )
