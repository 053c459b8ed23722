import { Command, Option } from '@commander-js/extra-typings'
import type { Group } from '../../../client/index.ts'
import { clientCommand } from '../../command.ts'
import { exitCodes, Failure } from '../../exit.ts'
import { several } from '../../options/values.ts'
import { formatCount, formatRelative } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { stateColumns } from '../../queues/group-columns.ts'
import { withClient } from '../../session.ts'

export const group = () =>
  new Command('group')
    .summary('manage consumer groups')
    .description('Manage the consumer groups of a queue: each sees every message.')
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
    withClient(async ({ client, output, interrupted }, name) => {
      const groups = await client.groups.list(name, { signal: interrupted })
      await output.list(groups, columns(Date.now()), `${printable(name)} has no consumer groups.`)
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
      .option('--tag <tag>', 'only messages with this tag; again for more', several)
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
  ).action(
    withClient(async ({ client, output, interrupted }, name, groupName) => {
      const deleted = await client.groups.delete(name, groupName, { signal: interrupted })
      if (!deleted) {
        throw new Failure(exitCodes.notFound, `Queue '${printable(name)}' has no group '${printable(groupName)}'.`)
      }
      await output.result({ queue: name, group: groupName, deleted }, `Deleted group ${printable(groupName)}.`)
      return undefined
    }),
  )

const columns = (now: number) => [
  { header: 'GROUP', value: (each: Group) => printable(each.name) },
  ...stateColumns,
  {
    header: 'DEAD',
    value: (each: Group) => (each.deadLetters ? formatCount(each.deadLetters.ready + each.deadLetters.behind) : '-'),
    align: 'right' as const,
  },
  { header: 'DONE', value: (each: Group) => formatCount(each.counts.done), align: 'right' as const },
  { header: 'CREATED', value: (each: Group) => formatRelative(each.createdAt, now), align: 'right' as const },
  { header: 'TAGS', value: (each: Group) => tags(each) },
]

const tags = ({ tagRule }: Group): string =>
  tagRule ? printable(tagRule.tags.join(tagRule.match === 'all' ? ' & ' : ' | ')) : 'all'
