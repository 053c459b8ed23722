import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../../command.ts'
import { createQueue } from './create.ts'
import { deleteQueue } from './delete.ts'
import { group } from './group.ts'
import { listQueues } from './list.ts'
import { showQueue } from './show.ts'
import { subscriber } from './subscriber.ts'
import { updateQueue } from './update.ts'

export const queue = () =>
  withExamples(new Command('queue').description('Manage queues, their consumer groups and their subscribers.'), [
    ['millrace queue create orders --receive-limit 5 --dead-letter-queue orders-failed', 'Create a queue'],
    ['millrace queue list', 'Show all queues with the numbers of their messages'],
    ['millrace queue show orders', 'Show one with its settings'],
  ])
    .addCommand(listQueues())
    .addCommand(showQueue())
    .addCommand(createQueue())
    .addCommand(updateQueue())
    .addCommand(deleteQueue())
    .addCommand(group())
    .addCommand(subscriber())
