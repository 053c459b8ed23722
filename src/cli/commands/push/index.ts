import { Command } from '@commander-js/extra-typings'
import { listPushTargets } from './list.ts'
import { resumePush } from './resume.ts'

export const push = () =>
  new Command('push')
    .description('See how the services fare that are called for messages, and end their pauses.')
    .addCommand(listPushTargets())
    .addCommand(resumePush())
