import { Refusal } from '../../../core/errors.ts'
import { mayUse } from '../access.ts'
import { jsonAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

export const listPushTargets = operation({
  method: 'GET',
  path: '/push-targets',
  summary: 'See how called services fare',
  description:
    'Every push target of the account’s queues and subscribers, those that the key may manage: whether the service answers, ' +
    'what it last failed with, and how many calls are under way. The numbers are those of the node that answers, since its start.',
  access: { to: 'some-queues', scopes: ['manage'] },
  query: S.PushTargetsQuery,
  answers: { 200: { description: 'The targets.', schema: S.PushTargets } },
  problems: [],
  async run({ push, account, principal, query }) {
    const targets = push.list({ account, ...query }).filter(({ queue }) => mayUse(principal, ['manage'], queue))
    return jsonAnswer(200, { targets: [...targets] } satisfies S.PushTargets)
  },
})

export const resumePushTarget = operation({
  method: 'POST',
  path: '/queues/:queue/push-target/resume',
  summary: 'End the pause of a called service',
  description:
    'A service that could not be reached several times in a row is paused, and tried now and then with one message. This tries ' +
    'it at once, on the node that answers.',
  access: { to: 'queue', scopes: ['manage'] },
  parameters: S.QueuePath,
  query: S.ResumePushQuery,
  answers: { 200: { description: 'How it fares now.', schema: S.PushHealth } },
  problems: ['GroupNotFound'],
  async run({ push, account, path: { queue }, query: { group = 'default' } }) {
    push.resume({ account, queue, group })
    const target = push.list({ account, queue }).find((candidate) => candidate.group === group)
    if (!target) throw new Refusal('GroupNotFound', { queue, group })
    return jsonAnswer(200, target satisfies S.PushHealth)
  },
})
