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
const widestBar = 24
const narrowestBar = 5
const usualColumns = 80
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
      // A terminal that does not tell its width says 0.
      const width = (target.columns || usualColumns) - 1
      const line = progressLine({ label, done, total, since: first, elapsedMs: now - startedAt }, width)
      target.write(clearLine + line.slice(0, width))
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

/** The bar takes what room the words leave. */
export const progressLine = (state: ProgressState, width: number): string => {
  const { label, done, total, since, elapsedMs } = state
  const perMs = elapsedMs > 0 ? (done - since) / elapsedMs : 0
  const rate = perMs > 0 ? `  ${formatCount(Math.round(perMs * 1000))}/s` : ''
  if (total === undefined) return `${label}  ${formatCount(done)}${rate}`
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const left =
    perMs > 0 && done < total ? `  ${formatDuration(Math.ceil((total - done) / perMs / 1000) * 1000)} left` : ''
  const numbers = ` ${Math.floor(share * 100)} %  ${formatCount(done)} of ${formatCount(total)}${rate}${left}`
  const barWidth = Math.max(narrowestBar, Math.min(widestBar, width - label.length - 2 - numbers.length))
  const filled = Math.round(share * barWidth)
  return `${label}  ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}${numbers}`
}
