import { setTimeout as delay } from 'node:timers/promises'
import { Logger, makeWorkerUtils, run as runWorker } from 'graphile-worker'
import { PgBoss } from 'pg-boss'
import { startPostgres } from '../../scripts/postgres-server.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import { systemClock, systemRandom } from '../../src/core/system.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import type { Figure } from '../measure.ts'
import { bodyOf1Kb, percentile } from '../measure.ts'

const lanes = 64
const measureMs = 4000
/** So that nobody is measured while the machine compiles their code. */
const warmUpMs = 1000
/** More than anybody takes in that time. */
const backlog = 250_000
/** For those whose own loop handles so many, however long it takes. */
const shortBacklog = 20_000

/** What a queue over PostgreSQL does in one process: each answer means committed. */
interface Contender {
  readonly name: string
  /** What follows is done in this queue, which is new, where it has queues. */
  use(queue: string): Promise<void>
  send(count: number): Promise<void>
  /** Takes up to so many and deletes them; how many there were. */
  take?(most: number): Promise<number>
  /** Handles so many that are there, with its own loop of work. */
  drain?(count: number): Promise<void>
  stop(): Promise<void>
}

/** One PostgreSQL with its default durability; everything on it in one run, one after the other. */
export const onPostgres = async (): Promise<Figure[]> => {
  const server = await startPostgres({ settings: { fsync: 'on', shared_buffers: '512MB', max_wal_size: '4GB' } })
  try {
    const url = server.url()
    const [ours, boss, graphile] = [await millrace(url), await pgBoss(url), await graphileWorker(url)]
    const figures: Figure[] = []
    /** The server cleans up after whoever came before, which would else fall into anybody's time; then it knows all tables as well as it can. */
    const settle = async () => {
      await server.query('VACUUM (ANALYZE)')
      await server.query('CHECKPOINT')
    }
    const settledRate = (work: (lane: number) => Promise<number>) => settle().then(() => rate(work))
    const compare = async (name: string, measureOne: (contender: Contender) => Promise<number>) => {
      const measure = async (contender: Contender) => {
        await contender.use(name.replace(/\W+/g, '-'))
        return measureOne(contender)
      }
      const [value, theirs] = [await measure(ours), await measure(boss)]
      figures.push({
        name,
        value,
        unit: 'messages/s',
        against: { name: 'pg-boss', value: theirs, ratio: value / theirs, wanted: 5 },
      })
      const other = await measure(graphile)
      if (!Number.isNaN(other)) figures.push({ name: `${name}: graphile-worker`, value: other, unit: 'messages/s' })
    }
    await compare('single sends, 64 senders', (contender) => settledRate(() => contender.send(1).then(() => 1)))
    await compare('sends in tens', (contender) => settledRate(() => contender.send(10).then(() => 10)))
    await compare('drain', async ({ send, take, drain }) => {
      for (let left = take ? backlog : shortBacklog; left > 0; left -= 1000) await send(1000)
      if (take) return settledRate(() => take(10))
      await settle()
      const began = performance.now()
      await drain?.(shortBacklog)
      return (shortBacklog / (performance.now() - began)) * 1000
    })
    await compare('both at once', async (contender) => {
      if (!contender.take) return Number.NaN
      await contender.send(1000)
      let lane = 0
      return settledRate(() =>
        lane++ % 2
          ? contender.send(1).then(() => 1)
          : (contender.take?.(1) ?? Promise.resolve(0)).then((taken) => taken || 0.001),
      )
    })
    for (const contender of [ours, boss, graphile]) await contender.stop()
    figures.push(...(await twoNodes(url)))
    figures.push(await wakingFrom(url, { listen: true, samples: 500, wanted: 50 }))
    figures.push(await wakingFrom(url, { listen: false, samples: 40, wanted: 1000 }))
    return figures
  } finally {
    await server.stop()
  }
}

/** As many at once as there are lanes, until the time is over or there is nothing left. */
const rate = async (work: (lane: number) => Promise<number>): Promise<number> => {
  await during(warmUpMs, work)
  return during(measureMs, work)
}

const during = async (ms: number, work: (lane: number) => Promise<number>): Promise<number> => {
  const began = performance.now()
  let done = 0
  const lane = async (_: unknown, index: number) => {
    while (performance.now() - began < ms) {
      const count = await work(index)
      if (count === 0) return
      done += count
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return (done / (performance.now() - began)) * 1000
}

const body = Buffer.from(bodyOf1Kb())

const node = async (url: string, listen = true): Promise<{ engine: QueueEngine; stop(): Promise<void> }> => {
  const store = await postgresStore({ url, listen })
  const engine = createEngine({ store, clock: systemClock(), random: systemRandom() })
  return { engine, stop: () => engine.stop().then(() => store.close()) }
}

const sendTo = async (engine: QueueEngine, queue: string, count: number): Promise<void> => {
  await engine.send({ account: 'bench', queue, messages: Array.from({ length: count }, () => ({ body })) })
}

const takeFrom = async (engine: QueueEngine, queue: string, most: number): Promise<number> => {
  const received = await engine.receive({ account: 'bench', queue, maxMessages: most })
  if (received.length === 0) return 0
  const entries = received.map(({ receiptHandle }) => ({
    receiptHandle: receiptHandle ?? '',
    action: { do: 'delete' } as const,
  }))
  await engine.settle({ account: 'bench', queue, entries })
  return received.length
}

const millrace = async (url: string): Promise<Contender> => {
  const { engine, stop } = await node(url)
  let queue = ''
  return {
    name: 'Millrace',
    use: (name) => {
      queue = name
      return engine.createQueue({ account: 'bench', queue, settings: {} }).then(() => {})
    },
    send: (count) => sendTo(engine, queue, count),
    take: (most) => takeFrom(engine, queue, most),
    stop,
  }
}

const pgBoss = async (url: string): Promise<Contender> => {
  const boss = new PgBoss({ connectionString: url, max: 10 })
  boss.on('error', () => {})
  await boss.start()
  let queue = ''
  const data = { text: body.toString() }
  return {
    name: 'pg-boss',
    use: (name) => {
      queue = name
      return boss.createQueue(queue)
    },
    async send(count) {
      if (count === 1) await boss.send(queue, data)
      else
        await boss.insert(
          queue,
          Array.from({ length: count }, () => ({ data })),
        )
    },
    async take(most) {
      const jobs = await boss.fetch(queue, { batchSize: most })
      if (jobs.length > 0) {
        await boss.complete(
          queue,
          jobs.map(({ id }) => id),
        )
      }
      return jobs.length
    },
    stop: () => boss.stop({ graceful: false }),
  }
}

const logger = new Logger(() => () => {})

const graphileWorker = async (url: string): Promise<Contender> => {
  const utils = await makeWorkerUtils({ connectionString: url, maxPoolSize: 10, logger })
  await utils.migrate()
  const payload = { text: body.toString() }
  return {
    name: 'graphile-worker',
    // One task throughout: it would look through the jobs of all others each time.
    use: async () => {},
    async send(count) {
      if (count === 1) await utils.addJob('bench', payload)
      else await utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'bench', payload })))
    },
    async drain(count) {
      let left = count
      const { promise, resolve } = Promise.withResolvers<void>()
      const runner = await runWorker({
        connectionString: url,
        concurrency: lanes,
        noHandleSignals: true,
        logger,
        maxPoolSize: 10,
        taskList: {
          bench: () => {
            if (--left === 0) resolve()
          },
        },
      })
      await promise
      await runner.stop()
    },
    stop: async () => utils.release(),
  }
}

/** Two nodes in one process, on one queue and on two: sends and receives from half of the lanes each. */
const twoNodes = async (url: string): Promise<Figure[]> => {
  const [a, b] = [await node(url), await node(url)]
  const figures: Figure[] = []
  for (const queues of [
    ['one', 'one'],
    ['left', 'right'],
  ] as const) {
    for (const queue of new Set(queues)) await a.engine.createQueue({ account: 'bench', queue, settings: {} })
    const name = queues[0] === queues[1] ? 'two nodes on one queue' : 'two nodes on two queues'
    const at = (lane: number) =>
      lane < lanes / 2 ? { engine: a.engine, queue: queues[0] } : { engine: b.engine, queue: queues[1] }
    const sends = await rate((lane) => sendTo(at(lane).engine, at(lane).queue, 1).then(() => 1))
    const drain = await rate((lane) => takeFrom(at(lane).engine, at(lane).queue, 10))
    figures.push({ name: `${name}: single sends`, value: sends, unit: 'messages/s' })
    figures.push({ name: `${name}: drain`, value: drain, unit: 'messages/s' })
  }
  await a.stop()
  await b.stop()
  return figures
}

/** From the moment a send on one node begins to the moment a receive that waits on another has its message. */
const wakingFrom = async (
  url: string,
  { listen, samples, wanted }: { listen: boolean; samples: number; wanted: number },
): Promise<Figure> => {
  const [sending, waiting] = [await node(url, listen), await node(url, listen)]
  const at = { account: 'bench', queue: 'waking' }
  await sending.engine.createQueue({ ...at, settings: {} })
  const latencies: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const receiving = waiting.engine.receive({ ...at, waitMs: 20_000 })
    // Long enough to be in line, and at any moment between two looks.
    await delay(20 + Math.random() * (listen ? 20 : 1000))
    const began = performance.now()
    await Promise.all([receiving, sendTo(sending.engine, at.queue, 1)])
    latencies.push(performance.now() - began)
    for (const { receiptHandle } of await receiving) {
      const entries = [{ receiptHandle: receiptHandle ?? '', action: { do: 'delete' } as const }]
      await waiting.engine.settle({ ...at, entries })
    }
  }
  await sending.stop()
  await waiting.stop()
  return {
    name: `a receive that waits on another node is answered after (99th percentile, ${listen ? 'with' : 'without'} LISTEN)`,
    value: percentile(latencies, 0.99),
    unit: 'ms',
    wanted,
    lessIsBetter: true,
  }
}
