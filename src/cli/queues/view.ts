import type { Counts, QueueInfo } from '../../client/index.ts'
import { showSettings } from '../options/settings.ts'
import { formatCount, formatRelative, formatTime } from '../output/format.ts'
import { printable } from '../output/text.ts'

/** A queue with all that is known of it, for people. */
export const queueProperties = (queue: QueueInfo, now: number): [string, string][] => {
  const at = (time: number) => `${formatTime(time)} (${formatRelative(time, now)})`
  const properties: [string, string][] = [
    ['name', printable(queue.name)],
    ['account', printable(queue.account)],
    ['kind', queue.explicit ? 'explicit' : 'virtual: it exists while it has messages'],
    ['created', at(queue.createdAt)],
    ['modified', at(queue.modifiedAt)],
    ['messages', `${formatCount(queue.messages)}${detailsOf(queue.counts)}`],
  ]
  if (queue.oldest) properties.push(['oldest', `${queue.oldest.id}, sent ${at(queue.oldest.sentAt)}`])
  if (queue.newest) properties.push(['newest', `${queue.newest.id}, sent ${at(queue.newest.sentAt)}`])
  for (const { name, kind, counts, deadLetters } of queue.groups) {
    if (kind !== 'consumer') continue
    const apart = deadLetters ? `\n${formatCount(sum(deadLetters))} dead letters kept apart` : ''
    properties.push([`group ${printable(name)}`, `${formatCount(sum(counts))}${detailsOf(counts)}${apart}`])
  }
  return [...properties, ...showSettings(queue.settings)]
}

const shown = [
  'ready',
  'behind',
  'delayed',
  'leased',
  'reprocessing',
  'processed',
  'errored',
  'filtered',
  'shelved',
] as const satisfies readonly (keyof Counts)[]

const sum = (counts: Counts): number => shown.reduce((total, name) => total + counts[name], 0)

const detailsOf = (counts: Counts): string => {
  const parts = shown.filter((name) => counts[name] > 0).map((name) => `${formatCount(counts[name])} ${name}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
