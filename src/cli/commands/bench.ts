import { randomUUID } from 'node:crypto'
import { Command } from '@commander-js/extra-typings'
import { runLoad } from '../bench/load.ts'
import { reportLines, reportOf } from '../bench/report.ts'
import { clientCommand } from '../command.ts'
import { exitCodes } from '../exit.ts'
import { duration, size, whole } from '../options/values.ts'
import { withClient } from '../session.ts'

export const bench = () =>
  clientCommand(
    new Command('bench')
      .description(
        'Measure a running server: one process sends, receives and deletes messages at once, through the client, and tells ' +
          'rates and latencies. It uses a queue of its own, which it removes at the end.',
      )
      .option('--duration <duration>', 'how long to send', duration, 5000)
      .option('-n, --max <count>', 'messages to send at most', whole(1), 1_000_000)
      .option('--size <size>', 'bytes of a body', size, 1024)
      .option('--senders <count>', 'sends under way at once', whole(1, 10_000), 16)
      .option('--receivers <count>', 'receives under way at once', whole(1, 10_000), 4)
      .option('--per-receive <count>', 'messages that a receive asks for', whole(1, 1000), 20)
      .option('--queue <queue>', 'use this queue, which has to be empty, and leave it'),
    [
      ['millrace bench', 'Measure for five seconds'],
      ['millrace bench --senders 1 --receivers 1 --duration 2s', 'Measure the latency without load'],
      ['millrace bench --json | jq .send.perSecond', 'Read a figure'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, options) => {
      const name = options.queue ?? `millrace-bench-${randomUUID()}`
      const plan = {
        senders: options.senders,
        receivers: options.receivers,
        bodyBytes: options.size,
        maxMessages: options.max,
        durationMs: options.duration,
        perReceive: options.perReceive,
      }
      if (options.queue === undefined) {
        await client.queues.create(name, { description: 'millrace bench', history: 'none' }, { signal: interrupted })
      }
      const progress = output.progress('Measuring')
      try {
        const result = await runLoad(client.queue<string>(name), plan, interrupted, (deleted) =>
          progress.update(deleted),
        )
        progress.end()
        const report = reportOf(options.url, plan, result)
        if (output.json) await output.record(report)
        else for (const line of reportLines(report)) await output.line(line)
        return interrupted.aborted ? exitCodes.interrupted : report.outstanding > 0 ? exitCodes.failure : undefined
      } finally {
        progress.end()
        if (options.queue === undefined) await client.queues.delete(name)
      }
    }),
  )
