import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../../command.ts'
import { copy } from './copy.ts'

export const store = () =>
  withExamples(new Command('store').description('Work on the stores of stopped servers.'), [
    [
      'millrace store copy --from sqlite:./millrace-data --to postgres://millrace@db.example/millrace',
      'Move to PostgreSQL',
    ],
  ]).addCommand(copy())
