import { Command } from '@commander-js/extra-typings'
import type { StoredMessage } from '../../client/index.ts'
import { clientCommand } from '../command.ts'
import { exitCodes } from '../exit.ts'
import { browsePages } from '../messages/browse.ts'
import { storedMembers } from '../messages/members.ts'
import { messageLine } from '../messages/record.ts'
import { stateList } from '../options/states.ts'
import { whole } from '../options/values.ts'
import { fileWriter } from '../output/file.ts'
import { count } from '../output/format.ts'
import { printable } from '../output/text.ts'
import { withClient } from '../session.ts'

export const exportMessages = () =>
  clientCommand(
    new Command('export')
      .description(
        'Write the messages of a queue with all that is known of them, one a line in JSON, without taking them. It is no ' +
          'snapshot: what is sent or deleted meanwhile may or may not be among them. See import.',
      )
      .argument('<queue>', 'the queue')
      .option('-o, --out <file>', 'write to this file, which must not exist (default: standard output)')
      .option('--append', 'go on writing a file that is there')
      .option('--after <id>', 'only messages behind this one, to go on with an export that was interrupted')
      .option('-n, --max <count>', 'messages to write at most (default: all)', whole(1))
      .option(
        '--state <states>',
        'only messages in these states, with commas between, or all (default: all but finished)',
        stateList,
        ['ready', 'behind', 'delayed', 'leased'] as const,
      )
      .option('-g, --group <name>', 'as this consumer group sees them')
      .option('--dead-letters', 'the dead letters that the group keeps apart'),
    [
      ['millrace export orders --out orders.ndjson', 'Write all messages to a file'],
      ['millrace export orders | gzip > orders.ndjson.gz', 'Write them compressed'],
      ['millrace export orders --url http://old:8080 | millrace import orders', 'Copy a queue to another server'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, options) => {
      const queue = client.queue(name, { group: options.group, deadLetters: options.deadLetters })
      const { messages: total } = await queue.info({ signal: interrupted })
      const writer = await fileWriter(options.out, options.append ?? false, output)
      const progress = output.progress(`Exporting ${printable(name)}`)
      let written = 0
      let last: string | undefined
      try {
        const pages = browsePages(queue, {
          limit: options.max ?? Number.POSITIVE_INFINITY,
          marker: options.after,
          states: options.state,
        })
        for await (const page of pages) {
          await writer.write(page.map((message) => exportLine(message, Date.now())).join('\n'))
          written += page.length
          last = page.at(-1)?.id
          progress.update(written, Math.max(total, written))
          if (interrupted.aborted) break
        }
      } finally {
        progress.end()
        await writer.close()
      }
      const sentence = `Wrote ${count(written, 'message')} of ${printable(name)}.`
      output.note(interrupted.aborted && last ? `${sentence} Go on with --after ${last}` : sentence)
      return interrupted.aborted ? exitCodes.interrupted : undefined
    }),
  )

/** What is left of a delay or a life is told from the moment of the export, so that an import can give it back. */
const exportLine = (message: StoredMessage<unknown>, exportedAt: number): string =>
  messageLine(message, { ...storedMembers(message), exportedAt }, { exact: true })
