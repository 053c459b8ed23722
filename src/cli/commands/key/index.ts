import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../../command.ts'
import { createKey } from './create.ts'
import { listKeys } from './list.ts'
import { revokeKey } from './revoke.ts'

export const key = () =>
  withExamples(
    new Command('key').description('Manage access keys: who shows the secret of a key may do what its scopes say.'),
    [
      ['millrace key create acme --scope admin send receive manage', 'Create the first key of a server'],
      ['millrace key list acme', 'Show what may be done with which key'],
    ],
  )
    .addCommand(listKeys())
    .addCommand(createKey())
    .addCommand(revokeKey())
