import { Command } from '@commander-js/extra-typings'
import { createKey } from './create.ts'
import { listKeys } from './list.ts'
import { revokeKey } from './revoke.ts'

export const key = () =>
  new Command('key')
    .description('Manage access keys: who shows the secret of a key may do what its scopes say.')
    .addCommand(listKeys())
    .addCommand(createKey())
    .addCommand(revokeKey())
