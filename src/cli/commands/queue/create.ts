import { Command, Option } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { settingsFrom, withSettings } from '../../options/settings.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const createQueue = () =>
  clientCommand(
    withSettings(
      new Command('create')
        .summary('create a queue')
        .description('Create a queue. Settings that are not given get their defaults.')
        .argument('<queue>', 'its name')
        .addOption(
          new Option(
            '--if-exists <what>',
            'when it is there already: keep it as it is, refuse if a setting given differs, or refuse',
          )
            .choices(['keep', 'match', 'refuse'])
            .default('match' as const),
        )
        .addOption(
          new Option(
            '--preset <name>',
            'settings that go together; worker: finished messages are kept with their history, waiting ones for good',
          ).choices(['worker']),
        ),
    ),
    [
      ['millrace queue create orders', 'Create a queue with default settings'],
      [
        'millrace queue create orders --visibility-timeout 2m --receive-limit 5 --dead-letter-queue orders-failed',
        'Give messages five tries of two minutes each',
      ],
      ['millrace queue create events --consumer-groups on --retention 7d', 'Let several readers see every message'],
      ['millrace queue create results --preset worker', 'Keep what became of each message, for people to look at'],
      ['millrace queue create ledger --ordering grouped', 'Keep the order within each message group'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const { queue, created } = await client.queues.create(name, settingsFrom(options), {
        ifExists: options.ifExists,
        preset: options.preset,
        signal: interrupted,
      })
      await output.result(queue, created ? `Created ${printable(name)}.` : `${printable(name)} is there already.`)
      return undefined
    }),
  )
