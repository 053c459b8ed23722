import type { Registry } from 'prom-client'
import type { PushObserver } from '../../../push/index.ts'
import { addMetric, Distribution, type Sample, secondsBounds } from './samples.ts'

const duration = 'millrace_push_call_duration_seconds'

/** What calls to services tell of themselves. */
export class PushMetrics implements PushObserver {
  readonly #calls = new Map<string, number>()
  readonly #durations = new Distribution(secondsBounds)
  #retries = 0

  constructor(registry: Registry) {
    addMetric(registry, {
      name: 'millrace_push_calls_total',
      help: 'Calls to services for messages, by outcome: accepted, refused (by its status), timeout, connection.',
      type: 'counter',
      sample: () => this.#samples(),
    })
    addMetric(registry, {
      name: 'millrace_push_retries_total',
      help: 'Calls to services after which the message was put off to be tried again.',
      type: 'counter',
      sample: () => [{ value: this.#retries }],
    })
    addMetric(registry, {
      name: duration,
      help: 'Time from the start of a call to a service to the end of its answer.',
      type: 'histogram',
      sample: () => this.#durations.samples(duration),
    })
  }

  called({ outcome, durationMs, retried }: Parameters<PushObserver['called']>[0]): void {
    this.#calls.set(outcome, (this.#calls.get(outcome) ?? 0) + 1)
    this.#durations.observe(durationMs / 1000)
    if (retried) this.#retries++
  }

  *#samples(): Generator<Sample> {
    for (const [outcome, value] of this.#calls) yield { labels: { outcome }, value }
  }
}
