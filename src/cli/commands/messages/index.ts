import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../../command.ts'
import { copy } from './copy.ts'
import { deleteStored } from './delete.ts'
import { move } from './move.ts'
import { reprocess } from './reprocess.ts'
import { search } from './search.ts'

export const messages = () =>
  withExamples(new Command('messages').description('Find stored messages of any type, and act on them.'), [
    ['millrace messages search results --type E --since 1h', 'Show what failed in the last hour'],
    ['millrace messages reprocess results --type E --since 1h', 'Try it again'],
  ])
    .addCommand(search())
    .addCommand(reprocess())
    .addCommand(move())
    .addCommand(copy())
    .addCommand(deleteStored())
