import { formOf } from '../../client/body.ts'
import type { AnyMessage, Message, StoredMessage } from '../../client/index.ts'
import { formatBytes, formatRelative, formatTime } from '../output/format.ts'
import type { Output } from '../output/output.ts'
import type { Column } from '../output/table.ts'
import { propertyLines } from '../output/table.ts'
import { fit, printable, printableLines } from '../output/text.ts'
import { textOf } from './record.ts'

/** Longer bodies are shown in part: what is to be processed is read as JSON. */
const longestShown = 100_000

/** As people read it: text as it is, JSON too, other bytes by their number. */
export const bodyText = (message: AnyMessage<unknown>): string => {
  const bytes = message.bytes()
  const text = formOf(message.contentType) === 'bytes' ? undefined : textOf(bytes)
  return text ?? `(${formatBytes(bytes.byteLength)} of ${printable(message.contentType ?? 'unknown type')})`
}

export const columnsOfMessages = (now: number): readonly Column<StoredMessage<unknown>>[] => [
  { header: 'ID', value: (message) => message.id },
  { header: 'SENT', value: (message) => formatRelative(message.sentAt, now), align: 'right' },
  { header: 'STATE', value: (message) => stateText(message, now) },
  { header: 'RECEIVES', value: (message) => String(message.receiveCount), align: 'right' },
  { header: 'PRIO', value: (message) => String(message.priority), align: 'right' },
  { header: 'BODY', value: (message) => printable(bodyText(message).slice(0, 1000)), flexible: true },
]

const stateText = ({ state, type, visibleAt }: StoredMessage<unknown>, now: number): string => {
  if (state === 'finished') return finished[type]
  const delayed = type === 'D' ? 'reprocess' : state
  return visibleAt === null ? delayed : `${delayed}, ${formatRelative(visibleAt, now)}`
}

const finished = { Q: 'queued', D: 'reprocess', P: 'processed', E: 'errored', F: 'filtered', S: 'shelved' } as const

/** One line of a message for `tail`. */
export const messageRow = (message: AnyMessage<unknown>, output: Output): string => {
  const head = `${formatTime(message.sentAt)}  ${message.id}  `
  const body = printable(bodyText(message).slice(0, 4000))
  return output.dim(head) + (output.width === undefined ? body : fit(body, Math.max(16, output.width - head.length)))
}

/** A received message with all that a reader may want to know, its body last. */
export const messageBlock = (message: AnyMessage<unknown> | Message<unknown>, output: Output, now: number): string => {
  const attributes = message.attributesText()
  const properties: [string, string][] = [
    ['sent', `${formatTime(message.sentAt)} (${formatRelative(message.sentAt, now)})`],
    ['received', message.receiveCount === 1 ? 'the first time' : `${message.receiveCount} times`],
  ]
  if (message.messageGroup !== null) properties.push(['message group', printable(message.messageGroup)])
  if (message.priority !== 0) properties.push(['priority', String(message.priority)])
  if (message.contentType !== null) properties.push(['content type', printable(message.contentType)])
  if (attributes !== null) properties.push(['attributes', printable(attributes)])
  if (message.deadLetterSource) {
    const { queue, reason } = message.deadLetterSource
    properties.push(['dead letter of', printable(`${queue}: ${reason}`)])
  }
  if ('receiptHandle' in message) {
    properties.push([
      'leased until',
      `${formatTime(message.leasedUntil)} (${formatRelative(message.leasedUntil, now)})`,
    ])
    properties.push(['receipt handle', message.receiptHandle])
  }
  const body = bodyText(message)
  const shown = body.length > longestShown ? `${body.slice(0, longestShown)}…` : body
  return [output.bold(message.id), ...propertyLines(properties), '', printableLines(shown), ''].join('\n')
}
