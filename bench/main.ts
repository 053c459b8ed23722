/**
 * Measures what the project promises of its speed, each figure against something else in the same run.
 *
 *   npm run bench                       everything, about half an hour and 30 GB of free disk
 *   npm run bench -- --quick            everything but the large backlogs
 *   npm run bench -- --scale 0.1        backlogs of a tenth of the size
 *   npm run bench -- --only starqueue   only that API's
 *   npm run bench -- --only cloud-queues only that API's
 *   npm run bench -- --only groups       only consumer groups, through DMS
 *   npm run bench -- --only delays      only messages that workers put aside
 *   npm run bench -- --only postgres    only the PostgreSQL store, beside pg-boss and graphile-worker
 *   npm run bench -- --only dashboard   only the queue screen over a million messages, in a browser
 *   npm run bench -- --only push        only calls to services, and what history costs
 *   npm run bench -- --write            puts the figures into docs/performance.md
 *   npm run bench -- --directory DIR    where data is written meanwhile (default: ./bench/.data)
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Figure } from './measure.ts'
import type { Section } from './report.ts'
import { line, machine, writeReport } from './report.ts'
import { backlogs } from './scenarios/backlogs.ts'
import { cloudQueues } from './scenarios/cloud-queues.ts'
import { consumerGroups } from './scenarios/consumer-groups.ts'
import { dashboard } from './scenarios/dashboard.ts'
import { delays } from './scenarios/delays.ts'
import { batchedSends, singleSends } from './scenarios/http-sends.ts'
import { inProcess } from './scenarios/in-process.ts'
import { longPoll } from './scenarios/long-poll.ts'
import { onPostgres } from './scenarios/postgres.ts'
import { push } from './scenarios/push.ts'
import { throughClient } from './scenarios/sdk.ts'
import { starqueue } from './scenarios/starqueue.ts'
import { readyAfter } from './scenarios/start.ts'
import { startMillrace } from './servers.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
    directory: { type: 'string', default: join(import.meta.dirname, '.data') },
  },
})
const root = resolve(values.directory)

/** All figures on a store in one state; the store is left fuller than it was. */
const measureAll = async (directory: string): Promise<Figure[]> => {
  const figures = [await readyAfter(directory), ...(await inProcess(directory))]
  const server = await startMillrace(directory)
  try {
    const single = await singleSends(server)
    figures.push(...single, ...(await batchedSends(server)), ...(await throughClient(server)))
    figures.push(...(await longPoll(server, (single[0]?.value ?? 0) / 2)))
    figures.push({
      name: 'memory of the server',
      value: server.peakMemoryMb(),
      unit: 'MB',
      wanted: 300,
      lessIsBetter: true,
    })
  } finally {
    await server.stop()
  }
  return figures
}

/** The same figures on a full store, as shares of those on an empty one. */
const comparedWith = (empty: readonly Figure[], full: readonly Figure[]): Figure[] =>
  full.map((figure) => {
    const before = empty.find(({ name }) => name === figure.name)
    if (!before || figure.lessIsBetter) return figure
    const { against: _bare, ...plain } = figure
    return {
      ...plain,
      against: { name: 'empty', value: before.value, ratio: figure.value / before.value, wanted: 0.9 },
    }
  })

const inFolder = async <Result>(name: string, work: (directory: string) => Promise<Result>): Promise<Result> => {
  const directory = join(root, name)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const show = (section: Section): Section => {
  console.log(`\n${section.title}`)
  for (const figure of section.figures) console.log(`  ${line(figure)}`)
  return section
}

const doorScenarios = new Map([
  ['starqueue', starqueue],
  ['groups', consumerGroups],
  ['cloud-queues', cloudQueues],
  ['delays', delays],
])

/** On a server of its own. */
const doorFigures = (only: string): Promise<Figure[]> =>
  inFolder('doors', async (directory) => {
    const server = await startMillrace(directory)
    try {
      return await (doorScenarios.get(only) ?? starqueue)(server, Number(values.scale))
    } finally {
      await server.stop()
    }
  })

console.log(machine())
if (values.only !== undefined) {
  const { only } = values
  const figuresOf = async (): Promise<Figure[]> => {
    if (only === 'postgres') return onPostgres()
    if (only === 'dashboard') return inFolder('dashboard', (directory) => dashboard(directory, Number(values.scale)))
    return only === 'push' ? inFolder('push', push) : doorFigures(only)
  }
  show({ title: only, figures: await figuresOf() })
  process.exit()
}
const empty = await inFolder('empty', measureAll)
const sections = [show({ title: 'An empty store', figures: empty })]
if (!values.quick) {
  sections.push(show({ title: 'The other APIs', figures: await doorFigures('starqueue') }))
  sections.push(show({ title: 'Consumer groups', figures: await doorFigures('groups') }))
  sections.push(show({ title: 'Calls to services, and history', figures: await inFolder('push', push) }))
  sections.push(show({ title: 'Cloud Queues', figures: await doorFigures('cloud-queues') }))
  sections.push(
    show({
      title: 'The dashboard',
      figures: await inFolder('dashboard', (directory) => dashboard(directory, Number(values.scale))),
    }),
  )
  sections.push(show({ title: 'Messages put aside', figures: await doorFigures('delays') }))
  sections.push(show({ title: 'On PostgreSQL', figures: await onPostgres() }))
  for (const backlog of backlogs(Number(values.scale))) {
    const figures = await inFolder('full', async (directory) => {
      await backlog.fill(directory, (share) =>
        process.stderr.write(`\r${backlog.name}: ${(share * 100).toFixed(0)} % `),
      )
      process.stderr.write('\n')
      return measureAll(directory)
    })
    sections.push(show({ title: backlog.name, figures: comparedWith(empty, figures) }))
  }
}
if (values.write) writeReport(new URL('../docs/performance.md', import.meta.url), sections, new Date())
