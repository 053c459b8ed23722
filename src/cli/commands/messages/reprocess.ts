import { clientCommand } from '../../command.ts'
import { operate } from '../../messages/operate.ts'
import { withClient } from '../../session.ts'
import { actCommand } from './act-command.ts'

export const reprocess = () =>
  clientCommand(actCommand('reprocess', 'Make messages of types D, P, E, F and S wait for a worker again, at once.'), [
    ['millrace messages reprocess results 01b8a3d5c4000000000004d2', 'Do not wait for its time'],
    ['millrace messages reprocess results --type E --since 1h', 'Try again what failed in the last hour'],
  ]).action(
    withClient((session, queue, ids, options) =>
      operate(session, {
        queue,
        ids,
        options,
        action: { do: 'reprocess' },
        words: { does: 'Reprocess', done: 'reprocessed' },
      }),
    ),
  )
