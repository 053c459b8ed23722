import { formatCount, formatDuration } from '../output/format.ts'
import { tableLines } from '../output/table.ts'
import { type BenchPlan, type BenchResult, type Step, steps } from './load.ts'

export interface StepReport {
  readonly count: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface BenchReport extends Record<Step, StepReport> {
  readonly url: string
  readonly plan: BenchPlan
  readonly totalMs: number
  /** Messages sent that had not come back when it ended. */
  readonly outstanding: number
}

export const reportOf = (url: string, plan: BenchPlan, result: BenchResult): BenchReport => {
  const stepReport = (step: Step, count: number, overMs: number): StepReport => {
    const histogram = result.latencies[step]
    const ms = (microseconds: number) => (histogram.count === 0 ? 0 : microseconds / 1000)
    return {
      count,
      perSecond: overMs === 0 ? 0 : Math.round((count * 1000) / overMs),
      p50Ms: ms(histogram.percentile(50)),
      p90Ms: ms(histogram.percentile(90)),
      p99Ms: ms(histogram.percentile(99)),
      maxMs: ms(histogram.max),
    }
  }
  return {
    url,
    plan,
    totalMs: Math.round(result.totalMs),
    outstanding: result.sent - result.deleted,
    send: stepReport('send', result.sent, result.sendingMs),
    delivery: stepReport('delivery', result.received, result.totalMs),
    delete: stepReport('delete', result.deleted, result.totalMs),
  }
}

/** The report for people. */
export const reportLines = (report: BenchReport): string[] => {
  const { plan } = report
  const latency = (header: string, of: (each: StepReport) => number) => ({
    header,
    value: (step: Step) => `${of(report[step]).toFixed(2)} ms`,
    align: 'right' as const,
  })
  return [
    `${plan.senders} senders, ${plan.receivers} receivers, bodies of ${plan.bodyBytes} bytes, ${formatDuration(report.totalMs)}`,
    '',
    ...tableLines(steps, [
      { header: '', value: (step) => step },
      { header: 'MESSAGES', value: (step) => formatCount(report[step].count), align: 'right' },
      { header: 'PER SECOND', value: (step) => formatCount(report[step].perSecond), align: 'right' },
      latency('P50', (each) => each.p50Ms),
      latency('P90', (each) => each.p90Ms),
      latency('P99', (each) => each.p99Ms),
      latency('MAX', (each) => each.maxMs),
    ]),
    ...(report.outstanding > 0
      ? ['', `${formatCount(report.outstanding)} messages had not come back at the end.`]
      : []),
  ]
}
