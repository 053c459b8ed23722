import { formatCount, formatDuration } from './format.ts'

export interface Progress {
  /** `total` absent: it is not known how much there is. */
  update(done: number, total?: number): void
  /** Clears the line. Idempotent. */
  end(): void
}

export interface ProgressTarget {
  write(text: string): unknown
  readonly columns?: number | undefined
}

export const noProgress: Progress = { update: () => {}, end: () => {} }

const redrawEveryMs = 100
const barWidth = 24
const clearLine = '\r\u001b[2K'

/** A line that is drawn over and over: label, bar, counts, rate and what time is left. */
export const progressBar = (target: ProgressTarget, label: string, clock: () => number = Date.now): Progress => {
  const startedAt = clock()
  let drawnAt = Number.NEGATIVE_INFINITY
  let first: number | undefined
  let shown = false

  return {
    update(done, total) {
      const now = clock()
      first ??= done
      const complete = total !== undefined && done >= total
      if (now - drawnAt < redrawEveryMs && !complete) return
      drawnAt = now
      shown = true
      const line = progressLine({ label, done, total, since: first, elapsedMs: now - startedAt })
      target.write(clearLine + line.slice(0, (target.columns ?? 80) - 1))
    },
    end() {
      if (shown) target.write(clearLine)
      shown = false
    },
  }
}

export interface ProgressState {
  readonly label: string
  readonly done: number
  readonly total: number | undefined
  /** What was done already when it began; the rate counts from there. */
  readonly since: number
  readonly elapsedMs: number
}

export const progressLine = ({ label, done, total, since, elapsedMs }: ProgressState): string => {
  const perMs = elapsedMs > 0 ? (done - since) / elapsedMs : 0
  const rate = perMs > 0 ? `  ${formatCount(Math.round(perMs * 1000))}/s` : ''
  if (total === undefined) return `${label}  ${formatCount(done)}${rate}`
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * barWidth)
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
  const left =
    perMs > 0 && done < total ? `  ${formatDuration(Math.ceil((total - done) / perMs / 1000) * 1000)} left` : ''
  const counts = `${formatCount(done)} of ${formatCount(total)}`
  return `${label}  ${bar} ${Math.floor(share * 100)} %  ${counts}${rate}${left}`
}
