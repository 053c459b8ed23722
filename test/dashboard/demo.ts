// A server with something to see: queues of several kinds, workers at work, errors, delays, dead letters.

import { createClient, type Millrace } from '../../src/client/index.ts'

export interface Demo {
  /** A message that was delayed and came back. */
  readonly message: string
  stop(): Promise<void>
}

const names = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Tony', 'Leslie', 'Frances', 'Niklaus']

const result = (at: number) => ({
  patient: { id: `P-${1000 + (at % 37)}`, name: names[at % names.length] },
  test: ['HbA1c', 'Glucose', 'TSH', 'CRP'][at % 4],
  value: Math.round(((at * 7919) % 900) / 7) / 10,
  unit: 'mmol/l',
  taken: '2026-03-01T08:20:00Z',
})

export const fill = async (url: string, token?: string): Promise<Demo> => {
  const millrace = createClient({ url, ...(token === undefined ? {} : { token }) })
  const input = {
    fields: [
      { name: 'email', type: 'email', required: true },
      { name: 'name', type: 'text', required: true },
      { name: 'seats', type: 'integer' },
      { name: 'trial', type: 'boolean' },
    ],
  } as const
  const kept = { keepFinished: 'message', history: 'steps' } as const
  const columns = [{ heading: 'Patient', path: 'patient.id' }]
  await millrace.queues.create('lab-results', { ...kept, metadata: { columns } })
  await millrace.queues.create('invoices', { ...kept, ordering: 'ordered' })
  await millrace.queues.create('sign-ups', { ...kept, input })
  await millrace.queues.create('orders-failed', {})
  await millrace.queues.create('orders', { receiveLimit: 1, deadLetterQueue: 'orders-failed' })
  await millrace.queues.create('nightly-export', { paused: true })
  await millrace.queues.create('mail', {})
  // Nobody listens there, so that there is a target that fails.
  await millrace.queues.create('webhooks', { push: { url: 'http://127.0.0.1:9/hook', timeoutMs: 1000 } })
  await millrace.queues.create('events', { consumerGroups: true, deadLetters: 'group' })
  for (const group of ['audit', 'billing']) await millrace.groups.create('events', group)

  const results = millrace.queue('lab-results', { holder: 'lab-worker-1' })
  await results.sendMany(Array.from({ length: 240 }, (_, at) => ({ body: result(at) })))
  await work(millrace)
  await millrace.queue('invoices').sendMany(Array.from({ length: 12 }, (_, at) => ({ body: { invoice: 4711 + at } })))
  await millrace.queue('sign-ups').send({ email: 'ada@example.org', name: 'Ada' })
  const orders = millrace.queue('orders')
  await orders.sendMany(Array.from({ length: 9 }, (_, at) => ({ body: { order: at } })))
  for (const order of await orders.receive({ maxMessages: 4 })) await order.deadLetter({ reason: 'payment refused' })
  await millrace.queue('events').sendMany(Array.from({ length: 6 }, (_, at) => ({ body: { event: at } })))
  const billing = millrace.queue('events', { group: 'billing', holder: 'billing-1' })
  for (const event of await billing.receive({ maxMessages: 2 })) await event.deadLetter({ reason: 'no such customer' })
  await millrace.queue('webhooks').send({ hook: 'order.created' })
  await millrace.queue('nightly-export').send({ day: '2026-03-01' })

  const [delayed] = (await results.browse({ types: ['D'], limit: 1 })).messages
  const traffic = trafficOf(millrace)
  return {
    message: delayed?.id ?? '',
    async stop() {
      await traffic()
      await millrace.close()
    },
  }
}

/** Every outcome that there is. */
const work = async (millrace: Millrace): Promise<void> => {
  const results = millrace.queue('lab-results', { holder: 'lab-worker-1' })
  const taken = await results.receive({ maxMessages: 120, visibilityTimeoutMs: 600_000 })
  await Promise.all(
    taken.map(async (message, at) => {
      if (at % 10 === 3) await message.reprocess(120_000 + at * 60_000, { reason: 'the lab answered 425 Too Early' })
      else if (at % 17 === 5)
        await message.finish('errored', { reason: 'Error: lab answered 500\n    at SubmitResults' })
      else if (at % 23 === 7) await message.finish('filtered', { reason: 'a test patient' })
      else if (at < 112) await message.finish('processed', { outbound: '{"accepted":true,"id":"L-4711"}' })
    }),
  )
}

/** Something always comes and goes. */
const trafficOf = (millrace: Millrace): (() => Promise<void>) => {
  const mail = millrace.queue('mail', { holder: 'mailer' })
  let number = 0
  const sender = setInterval(() => {
    const many = 6 + Math.round(5 * Math.sin(number / 6))
    void mail.sendMany(Array.from({ length: many }, () => ({ body: { mail: number++ } }))).catch(() => {})
  }, 250)
  const working = mail.work(() => new Promise((resolve) => setTimeout(resolve, 2500)), { concurrency: 60 })
  return async () => {
    clearInterval(sender)
    await working.stop()
  }
}
