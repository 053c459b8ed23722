import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { millrace, startServer, temporaryDirectory } from '../cli/harness.ts'
import { accountNamed, tokenOf } from './harness.ts'
import { untilWaiting } from './standing.ts'

const post = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

/** Begins a request that never comes to its end. */
const hang = async (url: string): Promise<void> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname).on('error', () => {})
  await once(socket, 'connect')
  // The server has taken it up when it asks for the body.
  socket.write(
    'POST /api/v1/queues/q/messages HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  )
  await once(socket, 'data')
}

test('a server that is asked to stop answers who waits, and ends with code 0', async (t) => {
  const server = await startServer(t)
  const queue = `${server.url}/api/v1/queues/q`
  const waiting = post(`${queue}/receive`, { waitMs: 600_000 })
  await untilWaiting(server.url, 1)
  const ended = server.running.stop('SIGTERM')
  const answer = await waiting
  assert.deepEqual([answer.status, await answer.json()], [200, { messages: [] }])
  const { code, stderr } = await ended
  assert.equal(code, 0)
  assert.match(stderr, /"msg":"stopped"/)
})

test('what was acknowledged before a stop is there after the next start', async (t) => {
  const server = await startServer(t)
  const sends = Array.from({ length: 50 }, (_, i) => post(`${server.url}/api/v1/queues/q/messages`, { i }))
  const first = await Promise.race(sends)
  assert.equal(first.status, 201)
  const ended = server.running.stop('SIGINT')
  const results = await Promise.allSettled(sends)
  assert.equal((await ended).code, 0)
  const acknowledged = results.filter((result) => result.status === 'fulfilled' && result.value.status === 201).length
  const again = await startServer(t, ['--data', server.data])
  const { counts } = (await (await fetch(`${again.url}/api/v1/queues/q`)).json()) as { counts: { ready: number } }
  assert.ok(counts.ready >= acknowledged && acknowledged > 0, `${counts.ready} of ${acknowledged}`)
})

test('a stop that takes too long cuts what is still in use', async (t) => {
  const server = await startServer(t, ['--limits-stop-timeout-ms', '100'])
  await hang(server.url)
  const { code, stderr } = await server.running.stop('SIGTERM')
  assert.equal(code, 0)
  assert.match(stderr, /connections that are still in use are cut/)
})

test('a server runs in a Node.js that uses less memory, in the same process, unless somebody chose otherwise', {
  skip: process.platform !== 'linux' && 'only Linux shows how a process was started',
}, async (t) => {
  const startedWith = async (env: Record<string, string>) => {
    const server = await startServer(t, [], { env })
    const { pid } = server.running.process
    const [command, environment] = ['cmdline', 'environ'].map((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0'),
    )
    return [
      command?.find((argument) => argument.includes('semi-space')),
      environment?.find((variable) => variable.startsWith('MALLOC_ARENA_MAX')),
    ]
  }
  assert.deepEqual(await startedWith({}), ['--max-semi-space-size=8', 'MALLOC_ARENA_MAX=2'])
  assert.deepEqual(await startedWith({ MALLOC_ARENA_MAX: '5' }), ['--max-semi-space-size=8', 'MALLOC_ARENA_MAX=5'])
})

test('a second signal ends the process at once, one that npm passes on does not', async (t) => {
  const server = await startServer(t, ['--limits-stop-timeout-ms', '600000'])
  await hang(server.url)
  server.running.process.kill('SIGINT')
  server.running.process.kill('SIGINT')
  await server.running.until(/"msg":"stopping"/)
  const again = setInterval(() => server.running.process.kill('SIGINT'), 50)
  const { code, stderr } = await server.running.end()
  clearInterval(again)
  assert.equal(code, 130)
  assert.match(stderr, /stopped at once/)
})

const curl = spawnSync('curl', ['--version']).status === 0 && spawnSync('bash', ['--version']).status === 0

/** What the banner says to paste, pasted. */
const paste = (stdout: string, env: Record<string, string> = {}) => {
  const lines = stdout.split('\n').filter((line) => line.startsWith('  '))
  assert.equal(lines.length, 3)
  return spawnSync('bash', { input: lines.join('\n'), encoding: 'utf8', env: { PATH: process.env.PATH, ...env } })
}

test('the three lines that a server prints at its start work when they are pasted', { skip: !curl }, async (t) => {
  const server = await startServer(t)
  await server.running.until(/Reference/)
  assert.match(server.running.stdout, new RegExp(`Data: ${server.data}\n`))
  assert.match(server.running.stdout, /Credentials: none needed/)
  const { stdout, stderr } = paste(server.running.stdout)
  assert.equal(stderr, '')
  const [sent, received, deleted] = stdout.trim().split('\n')
  assert.match(sent ?? '', /"duplicate":false/)
  assert.match(received ?? '', /"body":{"hello":"world"}/)
  assert.equal(deleted, '{"deleted":true}')
})

test('they do so with a token, where one is needed', { skip: !curl }, async (t) => {
  const accounts = JSON.stringify([accountNamed('shop')])
  const server = await startServer(t, [], { env: { MILLRACE_ACCOUNTS: accounts } })
  await server.running.until(/Reference/)
  const { stdout } = paste(server.running.stdout, { MILLRACE_TOKEN: tokenOf('shop') })
  assert.match(stdout, /{"deleted":true}\s*$/)
  assert.equal((server.running.stdout + server.running.stderr).includes('a-long-secret'), false)
})

test('a server that cannot start says why, and leaves with an error', async (t) => {
  const directory = temporaryDirectory(t)
  const file = join(directory, 'bad.json')
  const refusal = async (...args: string[]) => {
    const { code, stderr } = await millrace(['serve', '--data', join(directory, 'data'), ...args])
    assert.notEqual(code, 0)
    return stderr
  }
  writeFileSync(file, '{"queues": [{"name": "a", "settings": {"delayMs": -1}}], "prot": 1}')
  const badFile = await refusal('--config', file)
  assert.match(badFile, /queues\[0\]\.settings\.delayMs must be a whole number from 0 to/)
  assert.match(badFile, /prot is not known here; did you mean port\?/)
  assert.match(await refusal('--config', join(directory, 'none.json')), /none\.json: cannot be read/)
  assert.match(await refusal('--port', 'http'), /port/)
  assert.match(await refusal('--port', '0', '--host', '0.0.0.0'), /Other machines can reach 0\.0\.0\.0/)

  const server = await startServer(t)
  assert.match(await refusal('--port', new URL(server.url).port), /Port \d+ of 127\.0\.0\.1 is in use/)
  const { stderr } = await millrace(['serve', '--port', '0', '--data', server.data])
  assert.match(stderr, /is in use by process \d+/)
})
