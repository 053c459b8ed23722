import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { exitCodes, Failure } from '../../exit.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const revokeKey = () =>
  clientCommand(
    new Command('revoke')
      .alias('rm')
      .summary('revoke a key')
      .description('Revoke a key: from then on nobody can use it.')
      .argument('<account>', 'the account that it belongs to')
      .argument('<key-id>', 'the id of the key'),
    [['millrace key revoke acme MR4Q7Z2X5K', 'Revoke a key']],
  ).action(
    withClient(async ({ client, output, interrupted }, account, id) => {
      const deleted = await client.admin.keys.delete(account, id, { signal: interrupted })
      if (!deleted)
        throw new Failure(exitCodes.notFound, `Account '${printable(account)}' has no key '${printable(id)}'.`)
      await output.result({ account, key: id, deleted }, `Revoked key ${id}.`)
      return undefined
    }),
  )
