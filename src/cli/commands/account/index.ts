import { Command } from '@commander-js/extra-typings'
import { createAccount } from './create.ts'
import { listAccounts } from './list.ts'
import { removeAccount } from './remove.ts'

export const account = () =>
  new Command('account')
    .description('Manage accounts: each owns queues and keys, and sees only its own.')
    .addCommand(listAccounts())
    .addCommand(createAccount())
    .addCommand(removeAccount())
