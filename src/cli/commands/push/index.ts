import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../../command.ts'
import { listPushTargets } from './list.ts'
import { resumePush } from './resume.ts'

export const push = () =>
  withExamples(
    new Command('push').description('See how the services fare that are called for messages, and end their pauses.'),
    [
      ['millrace push list', 'Show every service: whether it is there, and what went wrong last'],
      ['millrace push resume orders', 'The service is there again'],
    ],
  )
    .addCommand(listPushTargets())
    .addCommand(resumePush())
