import type { DeliveryType } from '../delivery.ts'
import type { Cause, HistoryStep, StepDetail, StepsRecord } from '../history.ts'
import type { Step } from '../step.ts'
import type { Placed } from './placed.ts'

/**
 * Writes a line into the history of a message, where its queue keeps steps: what it was, what it is now, on whose account, and what
 * was said. The events of the cause become lines of their own.
 */
export const addStep = (
  step: Step,
  placed: Placed,
  to: HistoryStep['to'],
  said: { readonly text?: string | undefined; readonly detail?: StepDetail } = {},
): void => {
  const { queue, group, delivery, message, cause } = placed
  if (queue.settings.history !== 'steps' || group.kind === 'retained') return
  const text = said.text ?? cause?.text
  const detail = { ...attemptOf(step, placed), ...said.detail, ...cause?.detail }
  const line: HistoryStep = {
    ...base(step, placed, cause, delivery.type),
    to,
    ...(text === undefined ? {} : { text: shortened(text, maxText) }),
    ...(Object.keys(detail).length === 0 ? {} : { detail: withShortAnswer(detail) }),
  }
  const events = (cause?.events ?? []).slice(-maxEvents).map(
    ({ severity, text }): HistoryStep => ({
      ...base(step, placed, cause, delivery.type),
      to: delivery.type,
      text: shortened(text, maxText),
      detail: { severity },
    }),
  )
  append(step, queue.id, message.serial, [...events, line])
}

const base = (step: Step, { queue, group }: Placed, cause: Cause | undefined, from: DeliveryType) => ({
  at: step.now,
  from,
  cause: shortened(cause?.by ?? 'automatic', 256),
  ...(queue.groups.length > 1 ? { group: group.name } : {}),
})

/** When the receive that ends here began. */
const attemptOf = (step: Step, { delivery }: Placed): StepDetail => {
  if (delivery.state !== 'leased') return {}
  const startedAt = delivery.detail?.leasedAt
  const attempt = delivery.receiveCount
  return startedAt === undefined ? { attempt } : { attempt, startedAt, durationMs: Math.max(0, step.now - startedAt) }
}

const append = (step: Step, queueId: number, serial: number, lines: readonly HistoryStep[]): void => {
  step.tx.expect?.([{ read: 'steps', queueId, serial }])
  const before = step.tx.steps(queueId, serial)
  step.writes++
  step.tx.putSteps(
    bounded({ queueId, serial, lines: [...(before?.lines ?? []), ...lines], omitted: before?.omitted ?? 0 }),
  )
}

/** The first and the last lines, within a size: of what is too long, answers go first, then the oldest lines between. */
const bounded = (record: StepsRecord): StepsRecord => {
  let { lines, omitted } = record
  const tooMany = lines.length - keptFirst - keptLast
  if (tooMany > 0) {
    lines = [...lines.slice(0, keptFirst), ...lines.slice(keptFirst + tooMany)]
    omitted += tooMany
  }
  if (sizeOf(lines) > maxSize) {
    const newest = lines.length - keptAnswers
    lines = lines.map((line, index) => (index < newest ? withoutAnswer(line) : line))
  }
  while (sizeOf(lines) > maxSize && lines.length > keptFirst + 1) {
    lines = [...lines.slice(0, keptFirst), ...lines.slice(keptFirst + 1)]
    omitted++
  }
  return { ...record, lines, omitted }
}

const keptFirst = 10
const keptLast = 100
const keptAnswers = 8
const maxEvents = 20
const maxText = 1_000
const maxAnswer = 4_096
/** In characters, roughly. */
const maxSize = 65_536

const sizeOf = (lines: readonly HistoryStep[]): number => {
  let size = 0
  for (const { cause, text, detail } of lines)
    size += 200 + cause.length + (text?.length ?? 0) + (detail?.answer?.length ?? 0)
  return size
}

const withoutAnswer = (line: HistoryStep): HistoryStep => {
  if (line.detail?.answer === undefined) return line
  const { answer: _, ...detail } = line.detail
  return { ...line, detail }
}

const withShortAnswer = (detail: StepDetail): StepDetail =>
  detail.answer === undefined ? detail : { ...detail, answer: shortened(detail.answer, maxAnswer) }

/** Never in the middle of a character. */
const shortened = (text: string, most: number): string =>
  text.length <= most ? text.toWellFormed() : `${text.slice(0, most - 1).toWellFormed()}…`

/** The lines of a message that ends: they go on in its history entry. */
export const takeSteps = (
  step: Step,
  queueId: number,
  serial: number,
): { readonly steps?: readonly HistoryStep[]; readonly stepsOmitted?: number } => {
  const record = step.tx.steps(queueId, serial)
  if (!record) return {}
  step.writes++
  step.tx.removeSteps(queueId, serial)
  return { steps: record.lines, ...(record.omitted > 0 ? { stepsOmitted: record.omitted } : {}) }
}

/** They follow their message to another queue, if that keeps steps too. */
export const moveSteps = (
  step: Step,
  from: { readonly queueId: number; readonly serial: number },
  to: { readonly queueId: number; readonly serial: number; readonly kept: boolean; readonly copied: boolean },
): void => {
  const record = step.tx.steps(from.queueId, from.serial)
  if (!record) return
  step.writes++
  if (!to.copied) step.tx.removeSteps(from.queueId, from.serial)
  if (to.kept) step.tx.putSteps({ ...record, queueId: to.queueId, serial: to.serial })
}
