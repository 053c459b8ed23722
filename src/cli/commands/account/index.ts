import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../../command.ts'
import { createAccount } from './create.ts'
import { listAccounts } from './list.ts'
import { removeAccount } from './remove.ts'

export const account = () =>
  withExamples(
    new Command('account').description('Manage accounts: each owns queues and keys, and sees only its own.'),
    [
      ['millrace account create acme && millrace key create acme', 'Create an account with a key'],
      ['millrace account list', 'Show all accounts'],
    ],
  )
    .addCommand(listAccounts())
    .addCommand(createAccount())
    .addCommand(removeAccount())
