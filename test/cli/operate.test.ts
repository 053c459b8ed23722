import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startServer } from './harness.ts'

const { run } = await startServer({ after })
const ids = (records: readonly Record<string, unknown>[]) => records.map(({ id }) => String(id))

const fill = async (queue: string, ...texts: string[]) => {
  await run(['queue', 'create', queue, '--preset', 'worker'])
  const input = texts.map((text) => JSON.stringify({ text })).join('\n')
  return ids((await run(['send', queue], { input })).records)
}

test('messages are found by what they are, and counted', async () => {
  const [first] = await fill('seen', 'a needle', 'hay', 'hay')
  await run(['messages', 'move', 'seen', '--to', 'errored', String(first)])
  const found = await run(['messages', 'search', 'seen', '--type', 'e', '--body', 'NEED*', '--since', '1h'])
  assert.deepEqual([found.code, ids(found.records)], [0, [first]])
  const newest = await run(['messages', 'search', 'seen', '--max', '2'])
  assert.deepEqual(
    newest.records.map(({ text }) => text),
    ['hay', 'hay'],
  )
  const count = await run(['messages', 'search', 'seen', '--count', '--no-json'])
  assert.equal(count.stdout, '3 (2 Q, 1 E)\n')
  assert.deepEqual((await run(['messages', 'search', 'seen', '--before', '1h'])).records, [])
})

test('chosen ones are moved, reprocessed, copied and deleted; what cannot be done is said', async () => {
  const [a = '', b = ''] = await fill('chosen', 'a', 'b')
  const moved = await run(['messages', 'move', 'chosen', a, '--to', 'shelved'])
  assert.deepEqual([moved.code, moved.records[0]?.type], [0, 'S'])
  const back = await run(['messages', 'reprocess', 'chosen', a, b])
  assert.deepEqual(
    back.records.map(({ type, skipped }) => [type, skipped]),
    [
      ['Q', null],
      ['Q', 'nothing-to-do'],
    ],
  )
  const copied = await run(['messages', 'copy', 'chosen', a, '--to', 'elsewhere'])
  assert.deepEqual(ids((await run(['peek', 'elsewhere'])).records), [copied.records[0]?.copy])
  assert.equal((await run(['messages', 'delete', 'chosen', a])).code, 0)
  const gone = await run(['messages', 'delete', 'chosen', a, '--no-json'])
  assert.notEqual(gone.code, 0)
  assert.match(gone.stderr, /there is no such message/)
})

test('all that match, with a yes', async () => {
  await fill('many', 'x', 'x', 'y')
  const unasked = await run(['messages', 'delete', 'many', '--body', 'x'])
  assert.match(unasked.stderr, /Delete for good 2 messages of many\?/)
  const shelved = await run(['messages', 'move', 'many', '--to', 'shelved', '--body', 'x', '--yes'])
  assert.deepEqual([shelved.code, shelved.records[0]?.changed, shelved.records[0]?.state], [0, 2, 'completed'])
  const all = await run(['messages', 'delete', 'many', '--all', '--yes', '--no-json'])
  assert.equal(all.stdout, '3 messages deleted, 0 skipped.\n')
  assert.match((await run(['messages', 'delete', 'many'])).stderr, /Give ids, a filter, or --all/)
  assert.match((await run(['messages', 'delete', 'many', 'x', '--all'])).stderr, /not both/)
})
