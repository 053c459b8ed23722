import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { millrace, startServer, temporaryDirectory } from './harness.ts'

const { run, data, running, url } = await startServer({ after })
const directory = temporaryDirectory({ after })
const at = (name: string) => join(directory, name)

test('export and import keep bodies to the letter, order and what was said of messages', async () => {
  const lines = [
    '{"body":{"n":12345678901234567890,"2":1,"1":1.0},"attributes":{"x":1.0},"priority":3}',
    '{"text":"two\\n","messageGroup":"g","clientId":"c"}',
    '{"base64":"eyAKICJhIjoxIH0=","contentType":"application/json"}',
    '{"text":"later","delayMs":3600000}',
  ]
  await run(['send', 'source'], { input: lines.join('\n') })
  await run(['receive', 'source', '--visibility-timeout', '1h'])
  const exported = await run(['export', 'source', '--out', at('source.ndjson')])
  assert.deepEqual([exported.code, exported.stderr], [0, 'Wrote 4 messages of source.\n'])
  assert.equal((await run(['export', 'source', '--out', at('source.ndjson')])).code, 2)

  const imported = await run(['import', 'target', at('source.ndjson')])
  assert.deepEqual(imported.records, [{ queue: 'target', imported: 4, duplicates: 0 }], imported.stderr)
  const members = ['base64', 'text', 'contentType', 'attributes', 'priority', 'messageGroup', 'clientId']
  const read = async (queue: string) => {
    const { stdout, records } = await run(['export', queue])
    const bodies = stdout.split('\n').map((line) => /"body":(\{.*?\})/.exec(line)?.[1])
    return records.map((record, index) => [bodies[index], ...members.map((name) => record[name])])
  }
  assert.deepEqual(await read('target'), await read('source'))
  assert.match((await run(['export', 'target'])).stdout, /"body":\{"n":12345678901234567890,"2":1,"1":1\.0\}/)
  const delayed = (await run(['peek', 'target', '--state', 'delayed'])).records[0] as {
    visibleAt: number
    sentAt: number
  }
  const left = delayed.visibleAt - delayed.sentAt
  assert.ok(left > 3_500_000 && left <= 3_600_000, `${left} ms of the delay are left`)
})

test('an import that is run again goes on where it was; under another name it begins anew', async () => {
  const line = (index: number) => JSON.stringify({ text: `m${index}` })
  const lines = Array.from({ length: 1200 }, (_, index) => line(index))
  const count = async () => (await run(['queue', 'show', 'resumed'])).records[0]?.messages
  writeFileSync(at('part.ndjson'), [...lines.slice(0, 1000), 'not JSON'].join('\n'))
  const broken = await run(['import', 'resumed', at('part.ndjson')])
  assert.deepEqual(
    [broken.code, /line 1001 is not JSON .*up to line 500 are imported/.test(broken.stderr)],
    [2, true],
    broken.stderr,
  )
  assert.equal(await count(), 500)

  writeFileSync(at('whole.ndjson'), lines.join('\n'))
  assert.deepEqual((await run(['import', 'resumed'], { input: readFileSync(at('whole.ndjson')) })).code, 0)
  assert.equal(await count(), 1200)
  await run(['import', 'resumed', at('whole.ndjson')])
  assert.equal(await count(), 1200)
  await run(['import', 'resumed', at('whole.ndjson'), '--run', 'again'])
  assert.equal(await count(), 2400)

  const half = await run(['export', 'resumed', '--out', at('half.ndjson'), '--max', '1300'])
  assert.equal(half.code, 0)
  const last = readFileSync(at('half.ndjson'), 'utf8').trimEnd().split('\n').at(-1) ?? ''
  const { id } = JSON.parse(last) as { id: string }
  await run(['export', 'resumed', '--out', at('half.ndjson'), '--append', '--after', id])
  const texts = readFileSync(at('half.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((each) => (JSON.parse(each) as { text: string }).text)
  assert.deepEqual(
    texts,
    [...lines, ...lines].map((each) => (JSON.parse(each) as { text: string }).text),
  )
})

test('errors of files and queues are told', async () => {
  assert.equal((await run(['export', 'absent'])).code, 3)
  assert.equal((await run(['export', 'source', '--out', at('no/such/place')])).code, 2)
  assert.equal((await run(['import', 'x', at('absent')])).code, 2)
  assert.equal((await run(['import', 'absent', at('whole.ndjson'), '--must-exist'])).code, 3)
})

test('a backup of the running server becomes the data of another one', async (t) => {
  const backup = await run(['backup', 'copy.db'], { cwd: directory })
  assert.equal(backup.code, 0, backup.stderr)
  assert.equal(backup.records[0]?.file, at('copy.db'))
  assert.equal((await run(['backup', 'copy.db'], { cwd: directory })).code, 6)
  const far = await millrace(['backup', 'copy.db', '--url', 'http://queue.example'])
  assert.deepEqual([far.code, /relative path/.test(far.stderr)], [2, true])

  const restored = await millrace(['restore', 'copy.db', '--data', 'restored'], { cwd: directory })
  assert.equal(restored.code, 0, restored.stderr)
  const again = await millrace(['restore', 'copy.db', '--data', 'restored'], { cwd: directory })
  assert.deepEqual([again.code, /--overwrite/.test(again.stderr)], [1, true])
  assert.equal(
    (await millrace(['restore', 'copy.db', '--data', 'restored', '--overwrite'], { cwd: directory })).code,
    0,
  )
  assert.equal((await millrace(['restore', 'source.ndjson', '--data', 'other'], { cwd: directory })).code, 1)

  const server = await startServer(t, ['--data', at('restored')])
  assert.equal((await server.run(['queue', 'show', 'resumed'])).records[0]?.messages, 2400)
})

test('the data of a stopped server can be backed up and checked, that of a running one cannot', async () => {
  const inUse = await millrace(['backup', 'offline.db', '--data', data], { cwd: directory })
  assert.deepEqual([inUse.code, /in use by process \d+/.test(inUse.stderr)], [1, true], inUse.stderr)
  const doctor = await millrace(['doctor', '--data', data])
  assert.deepEqual([doctor.code, doctor.records.at(-1)?.state], [1, 'fail'])

  await running.stop()
  const done = await millrace(['backup', 'offline.db', '--data', data, '--no-json'], { cwd: directory })
  assert.deepEqual([done.code, /^Wrote .*offline\.db \(.*iB\)\.\n$/.test(done.stdout)], [0, true], done.stderr)
  const sound = await millrace(['doctor', '--data', data])
  assert.deepEqual(
    [sound.code, sound.records.map(({ check, state }) => `${check} ${state}`.replace('disk warn', 'disk ok'))],
    [0, ['data ok', 'disk ok', 'integrity ok']],
  )
  assert.equal((await millrace(['doctor', '--data', directory])).code, 1)
  assert.ok(!existsSync(at('millrace.db')), 'a check makes no store')
  assert.equal((await millrace(['backup', 'x.db', '--data', directory], { cwd: directory })).code, 2)
  assert.equal((await millrace(['backup', 'x.db', '--url', url], { cwd: directory })).code, 5)
})
