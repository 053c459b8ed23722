import { Type } from 'typebox'
import { QueueSettingsPatch } from '../../../protocols/native/schemas/settings.ts'
import { listOf, strict, text } from './fields.ts'

export const Queue = Type.Object(
  {
    account: Type.Optional(text('The account that owns it. May be left out while there is at most one in `accounts`.')),
    name: text('The name of the queue.'),
    settings: { ...QueueSettingsPatch, default: {}, description: 'Settings that differ from the defaults.' },
    groups: listOf(text(''), 'Consumer groups, for a queue with `consumerGroups`.'),
  },
  strict,
)
