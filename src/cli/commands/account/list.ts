import { Command } from '@commander-js/extra-typings'
import type { Account } from '../../../client/index.ts'
import { clientCommand } from '../../command.ts'
import { formatTime } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const listAccounts = () =>
  clientCommand(
    new Command('list')
      .alias('ls')
      .summary('list accounts')
      .description(
        'List all accounts, in the order of their names, each with the project id that clients of DMS know it by.',
      ),
    [['millrace account list', 'Show all accounts']],
  ).action(
    withClient(async ({ client, output, interrupted }) => {
      const accounts: Account[] = []
      let after: string | undefined
      do {
        const page = await client.admin.accounts.list({ after, signal: interrupted })
        accounts.push(...page.accounts)
        after = page.next ?? undefined
      } while (after !== undefined)
      await output.list(accounts, columns, 'There are no accounts.')
      return undefined
    }),
  )

const columns = [
  { header: 'NAME', value: (account: Account) => printable(account.name) },
  { header: 'PROJECT', value: (account: Account) => account.projectId },
  { header: 'CREATED', value: (account: Account) => formatTime(account.createdAt) },
]
