import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { millrace, startServer, temporaryDirectory } from './harness.ts'

const main = resolve(import.meta.dirname, '../../src/cli/main.ts')
const { run, url } = await startServer({ after })

/** Completion gives up after a second rather than keep somebody waiting: on a machine that is busy it is asked again. */
const once = async (complete: () => readonly string[] | Promise<readonly string[]>): Promise<readonly string[]> => {
  for (let left = 30; left > 0; left--) {
    const found = await complete()
    if (found.join('') !== '') return found
  }
  return []
}

test('each shell gets a script', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await millrace(['completion', shell])
    assert.deepEqual([code, stdout.includes('millrace __complete')], [0, true])
  }
})

test('names of queues come from the server, and none when there is no server', async () => {
  for (const name of ['orders', 'orders-failed', 'other']) await run(['send', name, 'x'])
  const words = async (...line: string[]) =>
    (await run(['__complete', '--', ...line])).stdout.split('\n').map((each) => each.split('\t')[0] ?? '')
  assert.deepEqual(await once(() => words('receive', 'ord')), ['orders', 'orders-failed', ''])
  assert.deepEqual(await words('receive', '--url', 'http://127.0.0.1:1', 'ord'), [''])
  assert.deepEqual(await words('import', 'orders', ''), [':files', ''])
})

test('bash completes commands, options and queues, and evaluates nothing', async (t) => {
  const bash = spawnSync('bash', ['--version'])
  if (bash.status !== 0) return t.skip('no bash here')
  const directory = temporaryDirectory(t)
  const command = join(directory, 'millrace')
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
  chmodSync(command, 0o755)
  const complete = (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ')
    const script = `source <(millrace completion bash); COMP_WORDS=(millrace ${line}); COMP_CWORD=${words.length}; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"`
    const env = { PATH: `${directory}:${process.env.PATH}`, TMPDIR: process.env.TMPDIR, MILLRACE_URL: url }
    return spawnSync('bash', ['--norc', '-c', script], { env, encoding: 'utf8' }).stdout.trimEnd().split('\n')
  }
  assert.deepEqual(complete('rec'), ['receive'])
  assert.deepEqual(complete('queue', 'sh'), ['show'])
  assert.deepEqual(complete('receive', 'orders', '--del'), ['--delete'])
  spawnSync(command, ['send', 'evil $(touch pwned)', 'x'], { env: { PATH: process.env.PATH, MILLRACE_URL: url } })
  assert.deepEqual(await once(() => complete('receive', 'evil')), ['evil\\ \\$\\(touch\\ pwned\\)'])
})
