import { Command } from '@commander-js/extra-typings'
import type { Queue, StoredMessage } from '../../client/index.ts'
import { clientCommand } from '../command.ts'
import { exitCodes, Failure, usageError } from '../exit.ts'
import { browsePages } from '../messages/browse.ts'
import { storedLine } from '../messages/members.ts'
import { columnsOfMessages } from '../messages/view.ts'
import { stateList, typeList } from '../options/states.ts'
import { whole } from '../options/values.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/text.ts'
import { withClient } from '../session.ts'

export const peek = () =>
  clientCommand(
    new Command('peek')
      .description('Look at messages without taking them: the oldest ones, or those with the ids given.')
      .argument('<queue>', 'the queue')
      .argument('[id...]', 'ids of messages')
      .option('-n, --max <count>', 'messages to show at most (default: 10)', whole(1))
      .option('--newest', 'the newest first')
      .option('--after <id>', 'only messages behind this one')
      .option(
        '--state <states>',
        'only messages in these states, with commas between: ready, behind, delayed, leased, finished; or all (default: all but leased and finished)',
        stateList,
      )
      .option('--type <types>', 'only messages of these types, with commas between: Q, D, P, E, F, S', typeList)
      .option('--except-client <id>', 'leave out messages that this client sent')
      .option('-g, --group <name>', 'as this consumer group sees them')
      .option('--dead-letters', 'the dead letters that the group keeps apart'),
    [
      ['millrace peek orders', 'Show the ten oldest messages'],
      ['millrace peek orders --newest --state all --max 50', 'Show the newest fifty, in whatever state'],
      ["millrace peek orders --json --max 1000 | jq 'select(.receiveCount > 3) | .id'", 'Find messages that fail'],
      ['millrace peek orders 01b8a3d5c4000000000004d2', 'Show one message'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, ids, options) => {
      const queue = client.queue(name, { group: options.group, deadLetters: options.deadLetters })
      if (ids.length > 0) return byId(queue, ids, output, interrupted)
      const found: StoredMessage<unknown>[] = []
      const pages = browsePages(queue, {
        limit: options.max ?? 10,
        marker: options.after,
        newestFirst: options.newest,
        states: options.state,
        types: options.type,
        exceptClientId: options.exceptClient,
        signal: interrupted,
      })
      for await (const page of pages) {
        if (output.json) for (const message of page) await output.line(storedLine(message))
        else found.push(...page)
      }
      if (!output.json) await show(found, output, `Nothing to show in ${printable(name)}.`)
      return undefined
    }),
  )

const byId = async (queue: Queue<unknown>, ids: readonly string[], output: Output, signal: AbortSignal) => {
  if (ids.length > 1000) throw usageError('At most 1,000 ids at a time')
  const found = await queue.getMany(ids, { signal })
  if (found.length === 0) {
    throw new Failure(exitCodes.notFound, `Queue '${printable(queue.name)}' holds none of these messages`, {
      hint: "'millrace status ID' says what became of a message.",
    })
  }
  if (output.json) for (const message of found) await output.line(storedLine(message))
  else await show(found, output, '')
  if (found.length === ids.length) return undefined
  output.warn(`${ids.length - found.length} of the ${ids.length} messages are not in the queue.`)
  return exitCodes.partial
}

const show = (messages: readonly StoredMessage<unknown>[], output: Output, empty: string): Promise<void> =>
  output.list(messages, columnsOfMessages(Date.now()), empty)
