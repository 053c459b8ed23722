import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import { isRefusal } from '../../core/errors.ts'

export interface HealthOptions {
  readonly engine: Pick<QueueEngine, 'putDocument'>
  readonly clock: Clock
  /** From the moment that the server stops taking work. */
  readonly isStopping: () => boolean
}

/** How long an answer about the store counts: asking it costs a write. */
const freshMs = 1000
const timeoutMs = 5000

/** `/healthz`: the process answers. `/readyz`: it takes work, that is to say it can make something durable. */
export const healthRoutes = (app: FastifyInstance, options: HealthOptions): void => {
  const storeFault = cached(options.clock, () => probe(options))

  app.get('/healthz', () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const reason = options.isStopping() ? 'The server is stopping.' : await storeFault()
    if (reason === undefined) return { status: 'ready' }
    return reply.code(503).header('Retry-After', 1).send({ status: 'unready', reason })
  })
}

/** What keeps the store from writing, if anything. */
const probe = async ({ engine, clock }: HealthOptions): Promise<string | undefined> => {
  const now = clock.now()
  const write = engine.putDocument({ collection: 'probe', key: 'ready', value: now, expiresAt: now + 86_400_000 })
  const { promise: late, resolve } = Promise.withResolvers<string>()
  const cancel = clock.callAt(now + timeoutMs, () => resolve('The store does not answer.'))
  try {
    return await Promise.race([write.then(() => undefined), late])
  } catch (error) {
    if (!isRefusal(error)) throw error
    // Anybody may ask; the log says more.
    return 'The store cannot write at present.'
  } finally {
    cancel()
  }
}

/** One question at a time, however many ask it. */
const cached = <Value>(clock: Clock, ask: () => Promise<Value>): (() => Promise<Value>) => {
  let asked: { readonly at: number; readonly answer: Promise<Value> } | undefined
  return () => {
    const now = clock.now()
    if (!asked || now - asked.at >= freshMs) asked = { at: now, answer: ask() }
    return asked.answer
  }
}
