import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../command.ts'
import { exitCodes, Failure } from '../exit.ts'
import { statusProperties } from '../messages/status-view.ts'
import { printable } from '../output/text.ts'
import { withClient } from '../session.ts'

export const status = () =>
  clientCommand(
    new Command('status')
      .description('Say where a message stands, or what became of it; known for seven days from its send.')
      .argument('<id>', 'the id of a message, in either of its forms'),
    [
      ['millrace status 01b8a3d5c4000000000004d2', 'Say where a message stands'],
      ['millrace status 01b8a3d5c4000000000004d2 --json | jq -r .ended.outcome', 'Say how it ended'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, id) => {
      const found = await client.status(id, { signal: interrupted })
      if (!found) {
        throw new Failure(exitCodes.notFound, `Nothing is known of a message '${printable(id)}'`, {
          hint: 'What became of a message is remembered for seven days from its send, unless its queue forbids it.',
        })
      }
      await output.properties(found, statusProperties(found, Date.now()))
      return undefined
    }),
  )
