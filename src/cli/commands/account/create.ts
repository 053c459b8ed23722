import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../../command.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const createAccount = () =>
  clientCommand(
    new Command('create')
      .summary('create an account')
      .description(
        'Create an account. It needs a key before anybody can use it. Does nothing when it is there already.',
      )
      .argument('<name>', 'its name'),
    [['millrace account create acme && millrace key create acme', 'Create an account with a key']],
  ).action(
    withClient(async ({ client, output, interrupted }, name) => {
      const account = await client.admin.accounts.create(name, { signal: interrupted })
      await output.result(account, `Created account ${printable(name)}. Next: millrace key create ${printable(name)}`)
      return undefined
    }),
  )
