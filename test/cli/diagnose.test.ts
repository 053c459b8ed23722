import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { millrace, startServer } from './harness.ts'

const { run } = await startServer({ after })

const findings = (records: readonly Record<string, unknown>[]) => records.map(({ check, state }) => `${check} ${state}`)

test('doctor looks at a running server, tries a message, and leaves nothing behind', async () => {
  const { code, records, stderr } = await run(['doctor'])
  // How quick the machine is says nothing of the server.
  const found = findings(records).map((line) => line.replace('latency warn', 'latency ok'))
  const all = ['reachable', 'version', 'access', 'store', 'latency', 'writing', 'clock'].map((check) => `${check} ok`)
  assert.deepEqual([code, found], [0, all], stderr)
  assert.match(
    String(records.find(({ check }) => check === 'access')?.detail),
    /^open, for programs on its own machine/,
  )
  assert.deepEqual((await run(['queue', 'list', '--all'])).records, [])
  const forPeople = await run(['doctor', '--no-json'])
  assert.match(forPeople.stdout, /^ok +reachable +http:\/\/127\.0\.0\.1:\d+ answers/)
})

test('doctor says what is wrong, and what to do about it', async () => {
  const nobody = await millrace(['doctor', '--url', 'http://127.0.0.1:1'])
  assert.deepEqual([nobody.code, findings(nobody.records)], [5, ['reachable fail']])
  assert.match(String(nobody.records[0]?.advice), /millrace serve/)
})

test('bench tells rates and latencies, and removes its queue', async () => {
  const { code, records, stderr } = await run(['bench', '-n', '40', '--senders', '2', '--duration', '10m'])
  assert.equal(code, 0, stderr)
  const [report = {}] = records
  const steps = ['send', 'delivery', 'delete'].map((step) => report[step] as { count: number; p50Ms: number })
  assert.deepEqual([steps.map(({ count }) => count), report.outstanding], [[40, 40, 40], 0])
  assert.ok(steps.every(({ p50Ms }) => p50Ms > 0))
  assert.deepEqual((await run(['queue', 'list', '--all'])).records, [])
  const forPeople = await run(['bench', '-n', '5', '--no-json'])
  assert.match(forPeople.stdout, /^16 senders, 4 receivers, bodies of 1024 bytes, [\s\S]*\ndelete +5 /)
})
