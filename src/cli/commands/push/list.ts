import { Command } from '@commander-js/extra-typings'
import type { PushHealth } from '../../../client/index.ts'
import { clientCommand } from '../../command.ts'
import { formatCount, formatRelative } from '../../output/format.ts'
import { printable } from '../../output/text.ts'
import { withClient } from '../../session.ts'

export const listPushTargets = () =>
  clientCommand(
    new Command('list')
      .alias('ls')
      .summary('show how services fare')
      .description('Show how the services fare that are called for messages, on the node that answers.')
      .argument('[queue]', 'of this queue only'),
    [
      ['millrace push list', 'Show every service: whether it is there, and what went wrong last'],
      ['millrace push list orders --json', 'Those of a queue, for a script'],
    ],
  ).action(
    withClient(async ({ client, output, interrupted }, queue) => {
      const targets = await client.queues.pushTargets({ queue, signal: interrupted })
      await output.list(targets, columns(Date.now()), 'No service is called for messages.')
      return undefined
    }),
  )

const right = 'right' as const
const columns = (now: number) => [
  { header: 'QUEUE', value: (each: PushHealth) => printable(each.queue) },
  { header: 'FOR', value: (each: PushHealth) => printable(each.group) },
  { header: 'STATE', value: (each: PushHealth) => state(each, now) },
  { header: 'UNDER WAY', value: (each: PushHealth) => formatCount(each.inFlight), align: right },
  { header: 'CALLS', value: (each: PushHealth) => formatCount(each.calls), align: right },
  { header: 'FAILED', value: (each: PushHealth) => formatCount(each.failures), align: right },
  {
    header: 'LATENCY',
    value: (each: PushHealth) => (each.latencyMs === null ? '-' : `${formatCount(each.latencyMs)} ms`),
    align: right,
  },
  { header: 'URL', value: (each: PushHealth) => printable(each.url) },
  { header: 'LAST ERROR', value: (each: PushHealth) => (each.lastError ? printable(each.lastError.reason) : '-') },
]

const state = ({ state, pausedUntil }: PushHealth, now: number): string =>
  pausedUntil === null ? state : `${state}, tried ${formatRelative(pausedUntil, now)}`
