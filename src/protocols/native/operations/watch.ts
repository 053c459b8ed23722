import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/identity/identity.ts'
import { closeSignal } from '../../http/connection.ts'
import { mayUse, requireScope } from '../access.ts'
import { type Answer, jsonAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import { ProblemError } from '../problem-error.ts'
import * as S from '../schemas/index.ts'

const looking = ['manage', 'receive'] as const
const someQueues = { to: 'some-queues', scopes: looking } as const

export const watchQueues = operation({
  method: 'POST',
  path: '/watch',
  summary: 'Watch queues and messages',
  description:
    'Server-sent events: first all queues at a glance (at most 20,000), and from then on once a second what has changed, and at once what ' +
    'has become of the messages named. What a slow reader has missed comes together once it reads on. It goes on until the connection ends, ' +
    'or the credentials are good no longer.',
  access: someQueues,
  body: { kind: 'json', schema: S.WatchRequest, optional: true },
  answers: {
    200: { description: 'An event for each change.', schema: S.WatchEvent, contentType: 'text/event-stream' },
  },
  problems: ['NotSupported'],
  run({ watch, account, principal, authenticate, body: { everyAccount = false, messages, since }, request }): Answer {
    if (!watch) throw new ProblemError('NotSupported', 'This server does not watch its queues.')
    const checkScopes = (caller: Principal) => {
      if (everyAccount) requireScope(caller, ['admin'])
      if (messages) requireScope(caller, looking, messages.queue)
    }
    checkScopes(principal)
    const over = new AbortController()
    const checkAgain = async () => {
      try {
        checkScopes(await authenticate(request))
      } catch (error) {
        // What else fails is the store, which says nothing about the credentials.
        if (error instanceof ProblemError) over.abort()
      }
    }
    return {
      status: 200,
      contentType: 'text/event-stream',
      headers: ['Cache-Control', 'no-store', 'X-Accel-Buffering', 'no'],
      stream(write) {
        let isBusy = false
        return watch.watch({
          account,
          everyAccount,
          mayWatch: (queue) => everyAccount || mayUse(principal, looking, queue),
          messages,
          since,
          signal: AbortSignal.any([closeSignal(request.socket), over.signal]),
          tell(event) {
            isBusy = true
            // The empty line behind it ends the event.
            void write(`data: ${JSON.stringify(event)}\n`).then(() => {
              isBusy = false
            })
            void checkAgain()
          },
          isBusy: () => isBusy,
        })
      },
    }
  },
})

export const getSeries = operation({
  method: 'GET',
  path: '/series',
  summary: 'How a queue went over time',
  description: 'The last hour or day of one queue, or of all queues of the account together.',
  access: someQueues,
  query: S.SeriesQuery,
  answers: { 200: { description: 'Values, step by step.', schema: S.Series } },
  problems: ['QueueNotFound', 'NotSupported'],
  async run({ watch, account, principal, query: { queue, span = 'hour' } }) {
    requireScope(principal, looking, queue)
    if (!watch) throw new ProblemError('NotSupported', 'This server does not watch its queues.')
    const series = watch.series({ account, ...(queue === undefined ? {} : { queue }), span })
    if (!series) throw new Refusal('QueueNotFound', { queue: queue ?? '' })
    return jsonAnswer(200, series)
  },
})
