import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { Command, Option } from '@commander-js/extra-typings'
import type { SendOptions, SentMessage } from '../../client/index.ts'
import { clientCommand } from '../command.ts'
import { exitCodes, usageError } from '../exit.ts'
import { readLines } from '../input/lines.ts'
import { type Outgoing, outgoingBody } from '../messages/parse.ts'
import { sendLines } from '../messages/send-lines.ts'
import { sendOptionsFrom, withMessageOptions } from '../options/message.ts'
import { count } from '../output/format.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/text.ts'
import { withClient } from '../session.ts'

export const send = () =>
  clientCommand(
    withMessageOptions(
      new Command('send')
        .description(
          'Send messages: those given as arguments, or one a line from standard input. A line is an object with the ' +
            'members of a message, as in the batch request of the API; the options of this command hold where it says ' +
            'nothing. An argument that is a JSON object or array is sent as application/json, any other as text.',
        )
        .argument('<queue>', 'the queue')
        .argument('[body...]', 'a body; several are several messages, sent in one step')
        .option(
          '--body-file <file>',
          'send one message with the content of a file, or of standard input (-), as its body',
        )
        .addOption(
          new Option(
            '--lines <kind>',
            'what a line of standard input is: a message with its options, a text, a JSON body',
          )
            .choices(['message', 'text', 'json'])
            .default('message' as const),
        )
        .option('--idempotency-key <key>', 'a second send with the same key within 24 h does nothing')
        .option('--must-exist', 'fail when there is no such queue, instead of making a virtual one'),
    ),
    [
      [`millrace send orders '{"order":7}'`, 'Send one message'],
      ['millrace send orders hello --delay 5m --attribute tenant=acme', 'Send a text that is visible in five minutes'],
      ["jq -c '{body: ., priority: 5}' events.json | millrace send events", 'Send a message for each line'],
      ['tail -f access.log | millrace send access --lines text', 'Send each line as it is, when it comes'],
      ['millrace send images --body-file cat.png --content-type image/png', 'Send a file'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, name, bodies, options) => {
      const queue = client.queue(name)
      const request = { ifMissing: options.mustExist ? ('refuse' as const) : undefined, signal: interrupted }
      const defaults = sendOptionsFrom(options)
      const given = await givenMessages(bodies, options.bodyFile, defaults)
      if (given.length > 0) {
        const sent = await queue.sendMany(given, { ...request, idempotencyKey: options.idempotencyKey })
        for (const message of sent) await tell(message, output)
        return undefined
      }

      if (options.idempotencyKey !== undefined) {
        throw usageError('--idempotency-key is for messages given as arguments', "'millrace import' resumes by itself.")
      }
      if (process.stdin.isTTY) output.note('Reading messages from standard input, one a line; Ctrl-D ends.')
      const progress = output.progress(`Sending to ${printable(name)}`)
      let total = 0
      try {
        for await (const sent of sendLines(
          queue,
          readLines(process.stdin, interrupted),
          options.lines,
          defaults,
          request,
        )) {
          total += sent.length
          progress.update(total)
          if (output.json) for (const message of sent) await tell(message, output)
        }
      } finally {
        progress.end()
      }
      output.note(`Sent ${count(total, 'message')} to ${printable(name)}.`)
      return interrupted.aborted ? exitCodes.interrupted : undefined
    }),
  )

const givenMessages = async (
  bodies: readonly string[],
  file: string | undefined,
  defaults: SendOptions,
): Promise<Outgoing[]> => {
  if (file === undefined) return bodies.map((body) => outgoingBody(body, defaults))
  if (bodies.length > 0) throw usageError('Give either bodies or --body-file')
  const body = file === '-' ? await buffer(process.stdin) : await contentOf(file)
  return [{ ...defaults, body }]
}

const contentOf = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file)
  } catch (error) {
    throw usageError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`)
  }
}

const tell = (message: SentMessage, output: Output): Promise<void> =>
  output.result(message, message.duplicate ? `${message.id} (a duplicate: nothing was stored)` : message.id)
