import { Command, Option } from '@commander-js/extra-typings'
import type { Group } from '../../../client/index.ts'
import { clientCommand, withExamples } from '../../command.ts'
import { collect } from '../../options/values.ts'
import { formatCount } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { deleteReader, pastColumns, readersOf, stateColumns } from '../../queues/readers.ts'
import { withClient } from '../../session.ts'

export const group = () =>
  withExamples(
    new Command('group')
      .summary('manage consumer groups')
      .description('Manage the consumer groups of a queue: each sees every message.'),
    [
      ['millrace queue group create events billing', 'Create a group'],
      ['millrace queue group list events', 'Show the groups with the numbers of their messages'],
    ],
  )
    .addCommand(list())
    .addCommand(create())
    .addCommand(remove())

const list = () =>
  clientCommand(
    new Command('list')
      .alias('ls')
      .summary('list consumer groups')
      .description('List the consumer groups of a queue.')
      .argument('<queue>', 'the queue'),
    [['millrace queue group list events', 'Show the groups with the numbers of their messages']],
  ).action(
    withClient(async (session, queue) => {
      const groups = await readersOf(session, queue, 'consumer')
      await session.output.list(groups, columns(Date.now()), `${printable(queue)} has no consumer groups.`)
      return undefined
    }),
  )

const create = () =>
  clientCommand(
    new Command('create')
      .summary('create a consumer group')
      .description('Create a consumer group, which sees all messages that the queue still holds.')
      .argument('<queue>', 'a queue that was created with --consumer-groups on')
      .argument('<group>', 'the name of the group')
      .option('--new', 'fail when it is there already')
      .option('--tag <tag>', 'only messages with this tag; again for more', collect)
      .addOption(new Option('--match <how>', 'one of the tags, or all of them').choices(['any', 'all']).default('any')),
    [
      ['millrace queue group create events billing', 'Create a group'],
      [
        'millrace queue group create events eu --tag urgent --tag eu --match all',
        'Create one for messages with both tags',
      ],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, groupName, options) => {
      const { group: made, created } = await client.groups.create(name, groupName, {
        ifExists: options.new ? 'refuse' : 'keep',
        tagRule: options.tag && { tags: [...options.tag], match: options.match === 'all' ? 'all' : 'any' },
        signal: interrupted,
      })
      await output.result(made, `${created ? 'Created' : 'There is already'} group ${printable(groupName)}.`)
      return undefined
    }),
  )

const remove = () =>
  clientCommand(
    new Command('delete')
      .alias('rm')
      .summary('delete a consumer group')
      .description('Delete a consumer group; the messages stay for the others.')
      .argument('<queue>', 'the queue')
      .argument('<group>', 'the group'),
    [['millrace queue group delete events billing', 'Delete a group']],
  ).action(withClient((session, queue, name) => deleteReader(session, queue, name, 'consumer')))

const columns = (now: number) => [
  { header: 'GROUP', value: (each: Group) => printable(each.name) },
  ...stateColumns,
  {
    header: 'DEAD',
    value: (each: Group) => (each.deadLetters ? formatCount(each.deadLetters.ready + each.deadLetters.behind) : '-'),
    align: 'right' as const,
  },
  ...pastColumns(now),
  { header: 'TAGS', value: (each: Group) => tags(each) },
]

const tags = ({ tagRule }: Group): string =>
  tagRule ? printable(tagRule.tags.join(tagRule.match === 'all' ? ' & ' : ' | ')) : 'all'
