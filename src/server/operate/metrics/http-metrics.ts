import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { addMetric, Distribution, type Sample, secondsBounds } from './samples.ts'

const name = 'millrace_http_request_duration_seconds'

interface Timing {
  readonly door: string
  readonly operation: string
  /** By the first digit of the status. */
  readonly byClass: Map<number, Distribution>
}

/** How long requests took, by door, operation and kind of answer. */
export class HttpMetrics {
  readonly #timings: Timing[] = []

  constructor(registry: Registry) {
    addMetric(registry, {
      name,
      help: 'Time from the head of a request to the end of its answer; waiting receives include their wait.',
      type: 'histogram',
      sample: () => this.#samples(),
    })
  }

  /** Times every route that is added to `scope` from now on. */
  time(scope: FastifyInstance, door: string): void {
    scope.addHook('onRoute', (route) => {
      const { schema, method, url } = route
      const operation = (schema as { operationId?: string } | undefined)?.operationId ?? `${method} ${url}`
      const timing: Timing = { door, operation, byClass: new Map() }
      this.#timings.push(timing)
      const others = route.onResponse === undefined ? [] : [route.onResponse].flat()
      route.onResponse = [
        ...others,
        (_request, reply, done) => {
          observe(timing, reply.statusCode, reply.elapsedTime / 1000)
          done()
        },
      ]
    })
  }

  *#samples(): Generator<Sample> {
    for (const { door, operation, byClass } of this.#timings) {
      for (const [digit, distribution] of byClass) {
        yield* distribution.samples(name, { door, operation, status: `${digit}xx` })
      }
    }
  }
}

const observe = ({ byClass }: Timing, status: number, seconds: number): void => {
  const digit = Math.floor(status / 100)
  let distribution = byClass.get(digit)
  if (!distribution) {
    distribution = new Distribution(secondsBounds)
    byClass.set(digit, distribution)
  }
  distribution.observe(seconds)
}
