import { clientCommand } from '../../command.ts'
import { operate } from '../../messages/operate.ts'
import { withClient } from '../../session.ts'
import { actCommand } from './act-command.ts'

export const deleteStored = () =>
  clientCommand(actCommand('delete', 'Delete messages for good, for every group, also while somebody works on them.'), [
    ['millrace messages delete results --type P,F --before 2d', 'Make room'],
  ]).action(
    withClient((session, queue, ids, options) =>
      operate(session, {
        queue,
        ids,
        options,
        action: { do: 'delete' },
        words: { does: 'Delete for good', done: 'deleted' },
      }),
    ),
  )
