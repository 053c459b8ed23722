import { Command, Option } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { moment } from '../../options/values.ts'
import { withClient } from '../../session.ts'

export const createKey = () =>
  clientCommand(
    new Command('create')
      .summary('create a key')
      .description('Create a key. Its secret is shown this once; with --quiet it is all that is written.')
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
      if (output.quiet) await output.line(key.secret)
      else {
        await output.result(key, `Created key ${key.id}. Its secret, which is not shown again:\n\n  ${key.secret}\n`)
        if (!output.json) output.note('Give it in MILLRACE_TOKEN.')
      }
      return undefined
    }),
  )
