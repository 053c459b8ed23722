import { Command } from '@commander-js/extra-typings'
import { withFilter } from '../../options/filter.ts'

/** What the commands that change messages have in common. */
export const actCommand = (name: string, description: string) =>
  withFilter(
    new Command(name)
      .description(
        `${description} Messages are chosen by their ids, or by a filter, which asks first; Ctrl-C stops what is left to do.`,
      )
      .argument('<queue>', 'the queue')
      .argument('[id...]', 'ids of messages')
      .option('--all', 'every message of the queue')
      .option('-g, --group <name>', 'as this consumer group has them')
      .option('-y, --yes', 'do not ask'),
  )
