import { Command, Option } from '@commander-js/extra-typings'
import type { Task } from '../../client/index.ts'
import { clientCommand } from '../command.ts'
import { exitCodes, Failure, usageError } from '../exit.ts'
import { whole } from '../options/values.ts'
import { count, formatRelative } from '../output/format.ts'
import { printable } from '../output/text.ts'
import { withClient } from '../session.ts'
import { watchTask } from '../tasks.ts'

export const redrive = () =>
  clientCommand(
    new Command('redrive')
      .description(
        'Move messages out of a queue: dead letters back to where each came from, or all of them to one queue. It waits for ' +
          'the end; Ctrl-C cancels what is left to do.',
      )
      .argument('[queue]', 'the queue that holds the dead letters')
      .option('--to <queue>', 'move all messages to this queue (default: each to where it came from)')
      .option('-g, --group <name>', 'dead letters that this consumer group keeps apart, back into the group')
      .option('--max-per-second <count>', 'no faster than this', whole(1))
      .option('--detach', 'start it and do not wait for the end')
      .addOption(new Option('--list', 'list redrives, of the queue or of all queues').conflicts(['to', 'detach']))
      .addOption(
        new Option('--watch <task>', 'wait for the end of a redrive that was started before').conflicts('list'),
      )
      .addOption(new Option('--cancel <task>', 'cancel a redrive').conflicts(['list', 'watch'])),
    [
      ['millrace redrive orders-failed', 'Move dead letters back to the queues they came from'],
      ['millrace redrive orders-failed --to orders --max-per-second 100', 'Move them to one queue, slowly'],
      ['millrace redrive --list', 'Show what is running'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, queue, options) => {
      if (options.list) {
        await output.list(
          await client.tasks.list({ queue, signal: interrupted }),
          columns(Date.now()),
          'There are no redrives.',
        )
        return undefined
      }
      if (options.cancel !== undefined) {
        const task = await client.tasks.cancel(options.cancel, { signal: interrupted })
        await output.result(task, sentence(task))
        return undefined
      }

      if (queue === undefined && options.watch === undefined)
        throw usageError('Name the queue that holds the dead letters')
      const started =
        options.watch === undefined
          ? await client.queue(queue ?? '').redrive({
              to: options.to,
              group: options.group,
              maxPerSecond: options.maxPerSecond,
              signal: interrupted,
            })
          : await client.tasks.get(options.watch, { signal: interrupted })
      if (options.detach) {
        await output.result(started, started.id)
        return undefined
      }
      const ended = await watchTask(
        client,
        started,
        output.progress(`Moving out of ${printable(started.queue)}`),
        interrupted,
      )
      if (ended.state === 'failed') throw new Failure(exitCodes.failure, sentence(ended))
      await output.result(ended, sentence(ended))
      return ended.state === 'completed' ? undefined : exitCodes.interrupted
    }),
  )

const sentence = ({ id, state, changed, failure }: Task): string => {
  const messages = count(changed, 'message')
  if (state === 'completed') return `Moved ${messages}.`
  if (state === 'running') return `Redrive ${id} is running; it has moved ${messages}.`
  const end = state === 'cancelled' ? 'was cancelled' : `failed: ${failure ?? 'the server does not say why'}`
  return `The redrive ${end}; ${messages} had been moved.`
}

const columns = (now: number) => [
  { header: 'TASK', value: (task: Task) => task.id },
  { header: 'QUEUE', value: (task: Task) => printable(task.queue) },
  { header: 'TO', value: (task: Task) => printable(task.to ?? task.group ?? '(sources)') },
  { header: 'STATE', value: (task: Task) => task.state },
  { header: 'MOVED', value: (task: Task) => `${task.changed} of ${task.total}`, align: 'right' as const },
  { header: 'STARTED', value: (task: Task) => formatRelative(task.startedAt, now), align: 'right' as const },
]
