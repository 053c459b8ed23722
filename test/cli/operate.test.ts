import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { millrace, startServer, temporaryDirectory } from './harness.ts'

const nowhere = { MILLRACE_URL: 'http://127.0.0.1:1' }

test('bench measures and leaves nothing behind', async (t) => {
  const { run } = await startServer(t)
  const options = ['--duration', '30s', '--max', '200', '--senders', '4', '--receivers', '2', '--size', '100']
  const { code, records, stderr } = await run(['bench', ...options])
  assert.equal(code, 0, stderr)
  const { send, delivery, delete: deletes, outstanding } = records[0] as Record<string, Record<string, number>>
  assert.deepEqual([send?.count, delivery?.count, deletes?.count, outstanding], [200, 200, 200, 0])
  assert.ok((send?.p50Ms ?? 0) > 0 && (send?.p99Ms ?? 0) >= (send?.p50Ms ?? 0) && (send?.perSecond ?? 0) > 0)
  const shown = await run(['bench', '--max', '10', '--no-json'])
  assert.match(
    shown.stdout,
    /^16 senders, 4 receivers, bodies of 1024 bytes, .*\n\n +MESSAGES +PER SECOND +P50 .*\nsend +10 /,
  )
  assert.deepEqual((await run(['queue', 'list', '--all'])).records, [])
})

test('doctor checks a server and leaves nothing behind', async (t) => {
  const { run } = await startServer(t)
  const { code, records } = await run(['doctor'])
  const findings = records.map(({ check, state }) => `${check} ${state}`)
  assert.deepEqual(
    [code, findings.map((finding) => finding.replace('latency warn', 'latency ok'))],
    [0, ['reachable ok', 'version ok', 'access ok', 'store ok', 'latency ok', 'writing ok', 'clock ok']],
  )
  assert.match((await run(['doctor', '--no-json'])).stdout, /^ok {4}reachable {5}http/)
  assert.deepEqual((await run(['queue', 'list', '--all'])).records, [])
})

test('a server that cannot be reached is told, with what to do', async () => {
  for (const command of [
    ['queue', 'list'],
    ['send', 'q', 'x'],
    ['receive', 'q'],
    ['tail', 'q'],
    ['peek', 'q'],
    ['export', 'q'],
  ]) {
    const { code, stderr } = await millrace(command, { env: nowhere })
    assert.deepEqual([code, /could not be reached[\s\S]*millrace serve/.test(stderr)], [5, true], command.join(' '))
  }
  const doctor = await millrace(['doctor', '--no-json'], { env: nowhere })
  assert.deepEqual([doctor.code, /^fail {2}reachable [\s\S]*→ /.test(doctor.stdout)], [5, true])
  assert.equal((await millrace(['queue', 'list', '--url', 'nonsense'])).code, 2)
})

test('serve tells what is wrong with its configuration', async (t) => {
  const directory = temporaryDirectory(t)
  const write = (name: string, content: unknown) => writeFileSync(join(directory, name), JSON.stringify(content))
  const serve = (...args: string[]) => millrace(['serve', '--port', '0', ...args], { cwd: directory })
  const absent = await serve('--config', 'absent.json')
  assert.deepEqual([absent.code, /absent\.json/.test(absent.stderr)], [2, true])
  write('typo.json', { queues: [{ name: 'q', settings: { delayMS: 1 } }] })
  const typo = await serve('--config', 'typo.json')
  assert.deepEqual(
    [typo.code, /typo\.json: queues\[0\]\.settings\.delayMS .*delayMs/.test(typo.stderr)],
    [2, true],
    typo.stderr,
  )
  assert.equal((await serve('--port', 'x')).code, 2)
  assert.equal((await serve('--log-level', 'loud')).code, 2)
  assert.equal((await serve('--no-such-option')).code, 2)
  assert.equal((await serve('extra')).code, 2)
  const open = await serve('--host', '0.0.0.0')
  assert.deepEqual([open.code === 0, /0\.0\.0\.0|loopback|account/.test(open.stderr)], [false, true], open.stderr)
})

test('serve refuses data that another server has open, and a port that is taken', async (t) => {
  const { data, url } = await startServer(t)
  const second = await millrace(['serve', '--port', '0', '--data', data])
  assert.deepEqual([second.code, /in use by process \d+/.test(second.stderr)], [1, true], second.stderr)
  const directory = temporaryDirectory(t)
  const taken = await millrace(['serve', '--port', new URL(url).port, '--data', directory])
  assert.deepEqual([taken.code, /port|address/i.test(taken.stderr)], [1, true], taken.stderr)
})

test('serve takes its configuration from file, variables and flags, and stops on a signal', async (t) => {
  const directory = temporaryDirectory(t)
  mkdirSync(join(directory, 'etc'))
  const config = join(directory, 'etc/millrace.json')
  writeFileSync(config, '{ "queues": [{ "name": "from-file", "settings": { "delayMs": 5 } }], "port": 1 } // a comment')
  const { run, running } = await startServer(t, ['--config', config], { env: { MILLRACE_LOG_LEVEL: 'warn' } })
  assert.equal((await run(['queue', 'list'])).records[0]?.name, 'from-file')
  assert.ok(!running.stderr.includes('listening'), running.stderr)
  assert.equal((await running.stop('SIGTERM')).code, 0)
})
