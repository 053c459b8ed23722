import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { exitCodes, Failure } from '../../exit.ts'
import { confirm } from '../../input/confirm.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const removeAccount = () =>
  clientCommand(
    new Command('remove')
      .alias('rm')
      .summary('remove an account')
      .description('Remove an account with its keys. Refused while it has queues.')
      .argument('<name>', 'the account')
      .option('-y, --yes', 'do not ask'),
    [['millrace account remove acme --yes', 'Remove an account in a script']],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const question = `Remove account ${printable(name)} with all its keys?`
      if (!(await confirm(question, options.yes, interrupted))) return exitCodes.interrupted
      const deleted = await client.admin.accounts.delete(name, { signal: interrupted })
      if (!deleted) throw new Failure(exitCodes.notFound, `There is no account '${printable(name)}'.`)
      await output.result({ account: name, deleted }, `Removed account ${printable(name)}.`)
      return undefined
    }),
  )
