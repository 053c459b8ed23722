import { Option } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { operate } from '../../messages/operate.ts'
import { withClient } from '../../session.ts'
import { actCommand } from './act-command.ts'

const types = { processed: 'P', errored: 'E', filtered: 'F', shelved: 'S' } as const

export const move = () =>
  clientCommand(
    actCommand('move', 'Set the type of messages that nobody works on.').addOption(
      new Option('--to <type>', 'what they become')
        .choices(['processed', 'errored', 'filtered', 'shelved'] as const)
        .makeOptionMandatory(),
    ),
    [
      ['millrace messages move results --to shelved 01b8a3d5c4000000000004d2', 'Shelve one that nobody will mend'],
      ['millrace messages move results --to shelved --type E --before 30d', 'Shelve what failed long ago'],
    ],
  ).action(
    withClient((session, queue, ids, options) =>
      operate(session, {
        queue,
        ids,
        options,
        action: { do: 'move', to: types[options.to] },
        words: { does: `Move to ${options.to}`, done: `moved to ${options.to}` },
      }),
    ),
  )
