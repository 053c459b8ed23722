import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTestServer } from '../server/harness.ts'

const root = resolve(import.meta.dirname, '../..')

const filesOf = (room: string): string[] =>
  globSync('**/*.ts', { cwd: join(root, 'src', room) })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => join(root, 'src', room, file))

/** What a file imports when it runs: its types are gone by then. */
const importsOf = (file: string): string[] => {
  const code = stripTypeScriptTypes(readFileSync(file, 'utf8'))
  return [...code.matchAll(/(?:from|import|require)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string)
}

test('client and worker import nothing but their own files', () => {
  for (const file of [...filesOf('client'), ...filesOf('worker')]) {
    for (const imported of importsOf(file)) {
      const target = resolve(file, '..', imported)
      const own = imported.startsWith('.') && /\/src\/(client|worker)\//.test(target)
      assert.ok(own, `${file} imports ${imported}`)
    }
  }
})

test('the client runs where there is only what browsers have', async (t) => {
  const { url } = await startTestServer(t)
  const flags = ['--experimental-vm-modules', '--no-warnings']
  const program = spawn(process.execPath, [...flags, fileURLToPath(import.meta.resolve('./browser.ts')), url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  assert.deepEqual(await once(program, 'close'), [0, null])
  const bytes = [...new TextEncoder().encode('{"a":"ü"}')]
  assert.deepEqual(JSON.parse(output).slice(0, 2), [
    ['{"a":"ü"}', bytes],
    ['text', [116, 101, 120, 116]],
  ])
  assert.deepEqual(JSON.parse(output)[2][1], [1, 2, 255])
})
