import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Command } from '@commander-js/extra-typings'
import { clientCommand } from '../command.ts'
import { exitCodes, Failure, usageError } from '../exit.ts'
import { readLines } from '../input/lines.ts'
import { importBatches } from '../messages/import-batches.ts'
import { count } from '../output/format.ts'
import { printable } from '../output/text.ts'
import { describe } from '../report.ts'
import { withClient } from '../session.ts'

export const importMessages = () =>
  clientCommand(
    new Command('import')
      .description(
        'Send messages that were exported, as new ones: with new ids, sent now. What was left of a delay counts from now. ' +
          'It can be run again after an interruption: within 24 hours, lines that were imported are not imported twice.',
      )
      .argument('<queue>', 'the queue')
      .argument('[file]', 'what export wrote (default: standard input)')
      .option('--keep-retention', 'messages live as long as they had left, instead of what the queue says')
      .option('--no-deduplication', 'leave out deduplication ids')
      .option('--finished', 'also messages that were finished')
      .option('--run <name>', 'a name for this import; under another name the same lines are imported again', '')
      .option('--must-exist', 'fail when there is no such queue, instead of making a virtual one'),
    [
      ['millrace import orders orders.ndjson', 'Send what was exported; run it again if it is interrupted'],
      ['zcat orders.ndjson.gz | millrace import orders-copy', 'Read from a pipe'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, file, options) => {
      const queue = client.queue(name)
      const { input, shareRead } = await openInput(file)
      const progress = output.progress(`Importing into ${printable(name)}`)
      let sent = 0
      let duplicates = 0
      let lastLine = 0
      try {
        const batches = importBatches(readLines(input, interrupted), name, {
          keepRetention: options.keepRetention ?? false,
          withoutDeduplication: !options.deduplication,
          finished: options.finished ?? false,
          run: options.run,
        })
        for await (const { messages, key, lastLine: line } of batches) {
          if (interrupted.aborted) break
          const answers = await queue.sendMany(messages, {
            idempotencyKey: key,
            ifMissing: options.mustExist ? 'refuse' : undefined,
          })
          sent += answers.length
          duplicates += answers.filter(({ duplicate }) => duplicate).length
          lastLine = line
          progress.update(sent, shareRead && Math.round(sent / shareRead()))
        }
      } catch (error) {
        const { exitCode, message, hint } = describe(error)
        const done = sent === 0 ? '' : ` (the messages up to line ${lastLine} are imported; run it again to go on)`
        throw new Failure(exitCode, message + done, { cause: error, ...(hint === undefined ? {} : { hint }) })
      } finally {
        progress.end()
      }
      const among = duplicates > 0 ? `, ${count(duplicates, 'duplicate')} among them` : ''
      await output.result(
        { queue: name, imported: sent, duplicates },
        `Imported ${count(sent, 'message')} into ${printable(name)}${among}.`,
      )
      return interrupted.aborted ? exitCodes.interrupted : undefined
    }),
  )

interface Input {
  readonly input: Readable
  /** How much of a file has been read, for progress to tell what is left. */
  readonly shareRead?: () => number
}

const openInput = async (file: string | undefined): Promise<Input> => {
  if (file === undefined || file === '-') return { input: process.stdin }
  try {
    const { size } = await stat(file)
    const input = createReadStream(file)
    return { input, shareRead: () => input.bytesRead / size }
  } catch (error) {
    throw usageError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`)
  }
}
