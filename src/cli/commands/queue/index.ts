import { Command } from '@commander-js/extra-typings'
import { createQueue } from './create.ts'
import { deleteQueue } from './delete.ts'
import { group } from './group.ts'
import { listQueues } from './list.ts'
import { showQueue } from './show.ts'
import { subscriber } from './subscriber.ts'
import { updateQueue } from './update.ts'

export const queue = () =>
  new Command('queue')
    .description('Manage queues, their consumer groups and their subscribers.')
    .addCommand(listQueues())
    .addCommand(showQueue())
    .addCommand(createQueue())
    .addCommand(updateQueue())
    .addCommand(deleteQueue())
    .addCommand(group())
    .addCommand(subscriber())
