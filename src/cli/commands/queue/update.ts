import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { usageError } from '../../exit.ts'
import { settingsFrom, withSettings } from '../../options/settings.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const updateQueue = () =>
  clientCommand(
    withSettings(
      new Command('update')
        .summary('change settings of a queue')
        .description('Change settings of a queue; those that are not given stay as they are.')
        .argument('<queue>', 'the queue'),
    ),
    [
      ['millrace queue update orders --paused on', 'Hand nothing out for a while'],
      ['millrace queue update orders --receive-limit 10 --max-messages none', 'Change two settings'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const settings = settingsFrom(options)
      if (Object.keys(settings).length === 0) throw usageError('No setting is given', 'Add --help to see them.')
      const queue = await client.queues.update(name, settings, { signal: interrupted })
      await output.result(queue, `Changed ${Object.keys(settings).join(', ')} of ${printable(name)}.`)
      return undefined
    }),
  )
