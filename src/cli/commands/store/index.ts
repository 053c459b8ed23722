import { Command } from '@commander-js/extra-typings'
import { copy } from './copy.ts'

export const store = () => new Command('store').description('Work on the stores of stopped servers.').addCommand(copy())
