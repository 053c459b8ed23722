/** One figure of the report. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is held against, with the share that it reaches of it. */
  readonly against?: { readonly name: string; readonly value: number; readonly ratio: number; readonly wanted: number }
  readonly wanted?: number
  /** For latencies and memory less is better. */
  readonly lessIsBetter?: boolean
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Runs two measurements in turns, so that a noisy moment hits both, and pairs their medians. */
export const paired = async (
  rounds: number,
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<{ first: number; second: number; ratio: number }> => {
  const firsts: number[] = []
  const seconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    firsts.push(await first())
    seconds.push(await second())
  }
  const ratios = firsts.map((value, index) => value / (seconds[index] as number))
  return { first: median(firsts), second: median(seconds), ratio: median(ratios) }
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const bodyOf1Kb = (): string => JSON.stringify({ order: 4711, text: 'x'.repeat(1024 - 25) })
