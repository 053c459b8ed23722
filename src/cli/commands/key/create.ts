import { Command, Option } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { moment } from '../../options/values.ts'
import { propertyLines } from '../../output/table.ts'
import { withClient } from '../../session.ts'

export const createKey = () =>
  clientCommand(
    new Command('create')
      .summary('create a key')
      .description(
        'Create a key. Its token is shown this once; with --quiet it is all that is written. The first key of all closes a server that was open, and has to have the scope admin.',
      )
      .argument('<account>', 'the account that it belongs to')
      .option('--name <text>', 'what it is for')
      .addOption(
        new Option('--scope <scope...>', 'what it may do (default: send, receive and manage)').choices([
          'send',
          'receive',
          'manage',
          'admin',
        ]),
      )
      .option('--queues <pattern>', 'names of the queues it holds for, * for any characters (default: *)')
      .option(
        '--expires <when>',
        'from when on it is void: a date, a time, or a duration from now (default: never)',
        moment,
      ),
    [
      ['millrace key create acme --scope admin send receive manage', 'Create the first key of a server'],
      ['millrace key create acme --name laptop', 'Create a key that may do everything in the account'],
      ["millrace key create acme --scope send --queues 'orders*' --expires 90d", 'Create a key that may only send'],
      ['export MILLRACE_TOKEN=$(millrace key create acme --quiet)', 'Use a new key at once'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, account, options) => {
      const key = await client.admin.keys.create(
        account,
        {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.scope === undefined ? {} : { scopes: options.scope }),
          ...(options.queues === undefined ? {} : { queues: options.queues }),
          ...(options.expires === undefined ? {} : { expiresAt: options.expires }),
        },
        { signal: interrupted },
      )
      if (output.quiet) await output.line(key.token)
      else {
        const shown = propertyLines([
          ['token', key.token],
          ['id', key.id],
          ['secret', key.secret],
        ])
        await output.result(key, shown.join('\n'))
        if (!output.json) {
          output.note(
            'Token and secret are not shown again. Programs of ours take the token (MILLRACE_TOKEN), others id and secret.',
          )
        }
      }
      return undefined
    }),
  )
