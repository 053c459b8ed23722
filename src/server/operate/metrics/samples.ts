import type { Metric, Registry } from 'prom-client'

export interface Sample {
  readonly labels?: Readonly<Record<string, string | number>>
  readonly value: number
  /** Where it differs from the metric's: `…_bucket`. */
  readonly metricName?: string
}

export interface SampledMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly sample: () => Iterable<Sample> | Promise<Iterable<Sample>>
}

/**
 * A metric whose values are read when they are asked for. What counts on the hot path counts in plain numbers: the
 * library's own counters and histograms hash their labels with every event.
 */
export const addMetric = (registry: Registry, { name, help, type, sample }: SampledMetric): void => {
  const get = async () => ({ name, help, type, aggregator: 'sum', values: [...(await sample())] })
  registry.registerMetric({ name, help, type, aggregator: 'sum', get, reset: () => {} } as unknown as Metric)
}

/** Seconds, from a tenth of a millisecond to half a minute. */
export const secondsBounds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
]

/** How often values fell below each of some bounds. */
export class Distribution {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && value > (bounds[at] as number)) at++
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#sum += value
  }

  *samples(name: string, labels: Readonly<Record<string, string | number>> = {}): Generator<Sample> {
    let count = 0
    for (const [at, these] of this.#counts.entries()) {
      count += these
      yield { metricName: `${name}_bucket`, labels: { ...labels, le: this.#bounds[at] ?? '+Inf' }, value: count }
    }
    yield { metricName: `${name}_sum`, labels, value: this.#sum }
    yield { metricName: `${name}_count`, labels, value: count }
  }
}
