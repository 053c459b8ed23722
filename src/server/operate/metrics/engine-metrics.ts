import type { Registry } from 'prom-client'
import type { EngineObserver, ObservedCommit, ObservedVerb } from '../../../core/observer.ts'
import { QueueActivity } from './queue-activity.ts'
import { addMetric, Distribution, type Sample, secondsBounds } from './samples.ts'

const unitBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]

/** What the engine tells of itself. */
export class EngineMetrics implements EngineObserver {
  readonly #verbs = new Map<string, Map<string, { requests: number; messages: number }>>()
  readonly #activity: QueueActivity
  readonly #durations = new Distribution(secondsBounds)
  readonly #units = new Distribution(unitBounds)
  #failures = 0
  #waiting = 0

  constructor(registry: Registry, options: { readonly queues: number }) {
    this.#activity = new QueueActivity(options.queues)
    this.#addTo(registry)
  }

  committed({ units, durationMs, failed = false }: ObservedCommit): void {
    if (failed) {
      this.#failures++
      return
    }
    this.#durations.observe(durationMs / 1000)
    this.#units.observe(units)
  }

  verb(event: ObservedVerb): void {
    const total = this.#verbs.get(event.verb)?.get(event.outcome) ?? this.#begin(event)
    total.requests++
    total.messages += event.messages
    if (event.messages > 0 && event.outcome === 'ok') this.#activity.note(event)
  }

  waiting(change: 1 | -1): void {
    this.#waiting += change
  }

  #begin({ verb, outcome }: ObservedVerb): { requests: number; messages: number } {
    const total = { requests: 0, messages: 0 }
    const outcomes = this.#verbs.get(verb)
    if (outcomes) outcomes.set(outcome, total)
    else this.#verbs.set(verb, new Map([[outcome, total]]))
    return total
  }

  *#totals(of: 'requests' | 'messages'): Generator<Sample> {
    for (const [verb, outcomes] of this.#verbs) {
      for (const [outcome, total] of outcomes) yield { labels: { verb, outcome }, value: total[of] }
    }
  }

  #addTo(registry: Registry): void {
    addMetric(registry, {
      name: 'millrace_messages_total',
      help: 'Messages to which something was done, or happened by itself, by verb and outcome.',
      type: 'counter',
      sample: () => this.#totals('messages'),
    })
    addMetric(registry, {
      name: 'millrace_verbs_total',
      help: 'Times that something was done to messages, or refused, by verb and outcome.',
      type: 'counter',
      sample: () => this.#totals('requests'),
    })
    addMetric(registry, {
      name: 'millrace_queue_verb_messages_total',
      help: 'Messages to which something was done, by queue and verb, for as many queues as metrics.queues says.',
      type: 'counter',
      sample: () => this.#activity.samples(),
    })
    addMetric(registry, {
      name: 'millrace_commit_duration_seconds',
      help: 'How long transactions took until they were durable.',
      type: 'histogram',
      sample: () => this.#durations.samples('millrace_commit_duration_seconds'),
    })
    addMetric(registry, {
      name: 'millrace_commit_units',
      help: 'How many requests shared a transaction.',
      type: 'histogram',
      sample: () => this.#units.samples('millrace_commit_units'),
    })
    addMetric(registry, {
      name: 'millrace_commit_failures_total',
      help: 'Transactions of which nothing was written.',
      type: 'counter',
      sample: () => [{ value: this.#failures }],
    })
    addMetric(registry, {
      name: 'millrace_waiting_receives',
      help: 'Receives that wait for a message.',
      type: 'gauge',
      sample: () => [{ value: this.#waiting }],
    })
  }
}
