import { clientCommand } from '../../command.ts'
import { operate } from '../../messages/operate.ts'
import { withClient } from '../../session.ts'
import { actCommand } from './act-command.ts'

export const copy = () =>
  clientCommand(
    actCommand('copy', 'Send messages to a queue once more, as new ones.').requiredOption('--to <queue>', 'the queue'),
    [['millrace messages copy results --to laboratory --type E', 'Look into errors apart from the work']],
  ).action(
    withClient((session, queue, ids, options) =>
      operate(session, {
        queue,
        ids,
        options,
        action: { do: 'copy', to: options.to },
        words: { does: 'Copy', done: 'copied' },
      }),
    ),
  )
