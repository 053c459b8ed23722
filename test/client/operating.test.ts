import assert from 'node:assert/strict'
import { isMillraceError } from '../../src/client/index.ts'
import { inEveryForm } from './forms.ts'

const hour = 3_600_000

inEveryForm('stored messages are found page by page, and counted by type', async ({ millrace }) => {
  await millrace.queues.create('q', {}, { preset: 'worker' })
  const queue = millrace.queue<{ n: number }>('q', { holder: 'me' })
  await queue.sendMany(Array.from({ length: 7 }, (_, n) => ({ body: { n }, attributes: { even: n % 2 === 0 } })))
  const [first] = await queue.receive()
  await first?.reprocess(hour)
  const page = await queue.operate.search({ limit: 3, filter: { types: ['Q'] } })
  assert.deepEqual(
    page.messages.map(({ body, type }) => [body.n, type]),
    [
      [6, 'Q'],
      [5, 'Q'],
      [4, 'Q'],
    ],
  )
  const next = await queue.operate.search({ limit: 3, filter: { types: ['Q'] }, page: page.next ?? '' })
  assert.deepEqual(
    next.messages.map(({ body }) => body.n),
    [3, 2, 1],
  )
  const even = { attributes: '"even":true' }
  assert.deepEqual(await queue.operate.count(even), { count: 4, types: { Q: 3, D: 1, P: 0, E: 0, F: 0, S: 0 } })
  assert.deepEqual((await queue.operate.count()).count, 7)
  const [worker] = await queue.operate.workers()
  assert.deepEqual([worker?.name, worker?.inWork], ['me', 0])
})

inEveryForm('chosen messages are acted on, and all that match in the background', async ({ millrace }) => {
  await millrace.queues.create('q', {}, { preset: 'worker' })
  const queue = millrace.queue<string>('q')
  const sent = await queue.sendMany(['a', 'b', 'c'].map((body) => ({ body })))
  const ids = sent.map(({ id }) => id)
  const moved = await queue.operate.act([...ids.slice(0, 2), 'nonsense'], { do: 'move', to: 'E' })
  assert.deepEqual([moved.changed, moved.skipped, moved.results[2]?.skipped], [2, 1, 'gone'])
  assert.equal((await queue.operate.act(ids.slice(0, 1), { do: 'reprocess' })).results[0]?.type, 'Q')
  const [copied] = (await queue.operate.act(ids.slice(0, 1), { do: 'copy', to: 'other' })).results
  assert.equal((await millrace.queue('other').get(copied?.copy ?? ''))?.body, 'a')

  let task = await queue.operate.actOnAll({ do: 'delete' }, { types: ['E'] })
  assert.deepEqual([task.kind, task.total, task.by], ['delete', 1, 'operator'])
  while (task.state === 'running') task = await millrace.tasks.get(task.id)
  assert.deepEqual([task.state, task.changed], ['completed', 1])
  assert.equal((await queue.info()).messages, 2)
  await assert.rejects(millrace.queue('none').operate.search(), (error) => isMillraceError(error, 'QueueNotFound'))
})

inEveryForm('operators search, count, export and look into messages', async ({ millrace }) => {
  await millrace.queues.create('q', {}, { preset: 'worker' })
  const queue = millrace.queue('q', { holder: 'me' })
  const { id } = await queue.send({ n: 1 }, { attributes: { kind: 'x' }, tags: ['t'], priority: 2 })
  await queue.send('plain', { contentType: 'text/plain' })
  await queue.send(new Uint8Array([255, 0]))
  const { operator } = millrace.admin
  const page = await operator.search('q', { newestFirst: false, limit: 2 })
  assert.equal(page.messages.length, 2)
  const [first] = page.messages
  assert.deepEqual(
    [first?.id, first?.type, first?.state, first?.body, first?.sizeBytes],
    [id, 'Q', 'ready', { n: 1 }, 7],
  )
  assert.deepEqual([first?.attributes, first?.tags, first?.priority], [{ kind: 'x' }, ['t'], 2])
  assert.equal('holder' in (first ?? {}), false)
  const [short] = (await operator.search('q', { newestFirst: false, limit: 1, maxBodyBytes: 1 })).messages
  assert.deepEqual([short?.body, short?.sizeBytes], [undefined, 7])
  const rest = await operator.search('q', { newestFirst: false, limit: 2, page: page.next ?? '' })
  assert.deepEqual(
    rest.messages.map(({ base64 }) => base64),
    ['/wA='],
  )
  assert.equal((await operator.count('q', { filter: { attributes: 'kind' } })).count, 1)

  const lines: string[] = []
  for await (const line of operator.export('q')) lines.push(line)
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ body, text, base64 }) => body ?? text ?? base64),
    [{ n: 1 }, 'plain', '/wA='],
  )
  const chosen: string[] = []
  for await (const line of operator.export('q', { ids: [id] })) chosen.push(line)
  assert.equal(JSON.parse(chosen[0] ?? '').id, id)

  const details = await operator.details(id)
  assert.deepEqual(
    [details?.queue, details?.deliveries[0]?.group, details?.deliveries[0]?.body],
    ['q', 'default', { n: 1 }],
  )
  assert.equal(await operator.details('0'.repeat(24)), null)
})
