import { Command } from '@commander-js/extra-typings'
import { copy } from './copy.ts'
import { deleteStored } from './delete.ts'
import { move } from './move.ts'
import { reprocess } from './reprocess.ts'
import { search } from './search.ts'

export const messages = () =>
  new Command('messages')
    .description('Find stored messages of any type, and act on them.')
    .addCommand(search())
    .addCommand(reprocess())
    .addCommand(move())
    .addCommand(copy())
    .addCommand(deleteStored())
