import { Command } from '@commander-js/extra-typings'
import type { Group } from '../../../client/index.ts'
import { clientCommand, withExamples } from '../../command.ts'
import { pushTargetOrNone } from '../../options/json-file.ts'
import { collect, moment, none } from '../../options/values.ts'
import { formatRelative } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { deleteReader, pastColumns, readersOf, stateColumns } from '../../queues/readers.ts'
import { withClient } from '../../session.ts'

export const subscriber = () =>
  withExamples(
    new Command('subscriber')
      .summary('manage subscribers')
      .description('Manage the subscribers of a queue: each is given every message that is sent while it is there.'),
    [
      ['millrace queue subscriber create orders shop-hook --push https://shop.example/hook', 'Have a service called'],
      ['millrace queue subscriber list orders', 'Show who is called, and how much waits for each'],
    ],
  )
    .addCommand(list())
    .addCommand(create())
    .addCommand(remove())

const list = () =>
  clientCommand(
    new Command('list')
      .alias('ls')
      .summary('list subscribers')
      .description('List the subscribers of a queue.')
      .argument('<queue>', 'the queue'),
    [['millrace queue subscriber list orders', 'Show who is called, and how much waits for each']],
  ).action(
    withClient(async (session, queue) => {
      const subscribers = await readersOf(session, queue, 'subscriber')
      await session.output.list(subscribers, columns(Date.now()), `${printable(queue)} has no subscribers.`)
      return undefined
    }),
  )

const create = () =>
  clientCommand(
    new Command('create')
      .summary('create a subscriber')
      .description('Create a subscriber, which is given all messages that are sent from now on.')
      .argument('<queue>', 'any queue')
      .argument('<subscriber>', 'its name')
      .option('--push <url|file|json>', 'the service that is called; without one it is received from', pushTargetOrNone)
      .option('--expires <when>', 'when it ends: a date, or a duration from now', moment)
      .option('--new', 'fail when it is there already')
      .option('--tag <tag>', 'only messages with one of these tags; again for more', collect),
    [
      ['millrace queue subscriber create orders shop-hook --push https://shop.example/hook', 'Have a service called'],
      ['millrace queue subscriber create orders audit --expires 1h', 'Read along for an hour: receive --group audit'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, queue, name, options) => {
      const { group, created } = await client.groups.create(queue, name, {
        ifExists: options.new ? 'refuse' : 'keep',
        tagRule: options.tag && { tags: [...options.tag], match: 'any' },
        subscription: {
          ...(options.push !== undefined && { push: targetOf(options.push) }),
          ...(options.expires !== undefined && { expiresAt: options.expires }),
        },
        signal: interrupted,
      })
      await output.result(group, `${created ? 'Created' : 'There is already'} subscriber ${printable(name)}.`)
      return undefined
    }),
  )

/** What it says is for the server to check. */
const targetOf = (given: Record<string, unknown> | typeof none): { readonly url: string } | null =>
  given === none ? null : (given as { readonly url: string })

const remove = () =>
  clientCommand(
    new Command('delete')
      .alias('rm')
      .summary('delete a subscriber')
      .description('Delete a subscriber, with what it has not delivered; the messages stay for the queue.')
      .argument('<queue>', 'the queue')
      .argument('<subscriber>', 'the subscriber'),
    [['millrace queue subscriber delete orders shop-hook', 'Call it no more']],
  ).action(withClient((session, queue, name) => deleteReader(session, queue, name, 'subscriber')))

const columns = (now: number) => [
  { header: 'SUBSCRIBER', value: (each: Group) => printable(each.name) },
  { header: 'URL', value: (each: Group) => printable(each.subscription?.push?.url ?? 'receives') },
  ...stateColumns,
  ...pastColumns(now),
  { header: 'EXPIRES', value: (each: Group) => expires(each, now), align: 'right' as const },
]

const expires = ({ subscription }: Group, now: number): string =>
  subscription?.expiresAt == null ? 'never' : formatRelative(subscription.expiresAt, now)
