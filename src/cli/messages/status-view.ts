import type { MessageStatus } from '../../client/index.ts'
import { formatDuration, formatRelative, formatTime } from '../output/format.ts'
import { printable } from '../output/text.ts'

/** A message's standing, for people. */
export const statusProperties = (status: MessageStatus, now: number): [string, string][] => {
  const at = (time: number) => `${formatTime(time)} (${formatRelative(time, now)})`
  const properties: [string, string][] = [
    ['id', status.id],
    ['queue', printable(status.queue)],
    ['sent', at(status.sentAt)],
  ]
  if (status.delayMs > 0) properties.push(['delay', formatDuration(status.delayMs)])
  for (const delivery of status.deliveries) {
    const lines = [
      `${delivery.state} (type ${delivery.type})${delivery.visibleAt === null ? '' : `, until ${at(delivery.visibleAt)}`}`,
      timesReceived(delivery.receiveCount, delivery.reprocessCount),
    ]
    if (delivery.holder !== null) lines.push(`held by ${printable(delivery.holder)}`)
    if (delivery.reason !== null) lines.push(`reason: ${printable(delivery.reason)}`)
    properties.push([delivery.group === 'default' ? 'state' : `group ${printable(delivery.group)}`, lines.join('\n')])
  }
  if (status.ended) {
    const { outcome, receiveCount, reprocessCount, reason } = status.ended
    const lines = [`${outcome}, ${at(status.ended.at)}`, timesReceived(receiveCount, reprocessCount)]
    if (reason !== null) lines.push(`reason: ${printable(reason)}`)
    properties.push(['ended', lines.join('\n')])
  }
  if (status.steps.length > 0) properties.push(['history', historyLines(status).join('\n')])
  return properties
}

/** One line for each change of state, and one in place of those that were left out. */
const historyLines = ({ steps, stepsOmitted }: Pick<MessageStatus, 'steps' | 'stepsOmitted'>): string[] => {
  const lines = steps.map(stepLine)
  if (stepsOmitted > 0) lines.splice(keptFirst, 0, `… ${stepsOmitted} more …`)
  return lines
}

/** The server leaves lines out after the first ten. */
const keptFirst = 10

const stepLine = ({ at, from, to, cause, group, text, detail }: MessageStatus['steps'][number]): string => {
  const { attempt, durationMs, outcome, status, severity, until } = detail ?? {}
  const parts = [
    formatTime(at),
    ...(group === undefined || group === 'default' ? [] : [printable(group)]),
    to === 'ended' ? `${from} → ${outcome ?? to}` : from === to ? from : `${from} → ${to}`,
    `by ${printable(cause)}`,
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
    ...(durationMs === undefined ? [] : [`after ${formatDuration(durationMs)}`]),
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(until === undefined ? [] : [`until ${formatTime(until)}`]),
    ...(severity === undefined ? [] : [severity]),
  ]
  return `${parts.join(', ')}${text === undefined ? '' : `: ${printable(text)}`}`
}

const timesReceived = (receives: number, reprocesses: number): string => {
  const received = receives === 0 ? 'never received' : receives === 1 ? 'received once' : `received ${receives} times`
  return reprocesses === 0 ? received : `${received}, put aside ${reprocesses} times`
}
