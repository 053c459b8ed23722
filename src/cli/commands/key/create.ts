import { Command, Option } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { collect, moment } from '../../options/values.ts'
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
      )
      .option('--client', 'make it a client key, for clients such as Altogic’s: no bearer token')
      .option('--client-key <text>', 'of a client key: the text that its clients send (default: one that is made up)')
      .option('--enforce-session', 'of a client key: its users have to be signed in')
      .option(
        '--domain <host>',
        'of a client key: where its pages may come from; again for more (default: anywhere)',
        collect,
      ),
    [
      ['millrace key create acme --scope admin send receive manage', 'Create the first key of a server'],
      ['millrace key create acme --name laptop', 'Create a key that may do everything in the account'],
      ["millrace key create acme --scope send --queues 'orders*' --expires 90d", 'Create a key that may only send'],
      ['millrace key create shop --client --scope send --domain shop.example.com', 'Create a key for web pages'],
      ['export MILLRACE_TOKEN=$(millrace key create acme --quiet)', 'Use a new key at once'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, account, options) => {
      const terms = clientTerms(options)
      const key = await client.admin.keys.create(
        account,
        {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.scope === undefined ? {} : { scopes: options.scope }),
          ...(options.queues === undefined ? {} : { queues: options.queues }),
          ...(options.expires === undefined ? {} : { expiresAt: options.expires }),
          ...(terms && { client: terms }),
        },
        { signal: interrupted },
      )
      if (output.quiet) await output.line(key.token)
      else if (key.client) {
        await output.result(
          key,
          propertyLines([
            ['client key', key.token],
            ['id', key.id],
          ]).join('\n'),
        )
        if (!output.json) output.note('The client key is not shown again.')
      } else {
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

interface ClientOptions {
  readonly client?: true | undefined
  readonly clientKey?: string | undefined
  readonly enforceSession?: true | undefined
  readonly domain?: readonly string[] | undefined
}

/** Any of the options for client keys makes it one. */
const clientTerms = ({ client, clientKey: key, enforceSession, domain }: ClientOptions) => {
  if (!client && key === undefined && !enforceSession && !domain) return undefined
  return {
    ...(key !== undefined && { key }),
    ...(enforceSession && { enforceSession }),
    ...(domain && { authorizedDomains: [...domain] }),
  }
}
