// `npm test`: every test of the project on node's own runner, whose summary ends the output and whose exit code is kept.
// `npm test -- src/core test/crash.test.ts --test-name-pattern=lease` runs what lies below those paths, with those flags.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { postgresBinaries, startPostgres } from './postgres-server.ts'

const root = resolve(import.meta.dirname, '..')
const isFlag = (arg: string) => arg.startsWith('-')
const flags = process.argv.slice(2).filter(isFlag)
const paths = process.argv
  .slice(2)
  .filter((arg) => !isFlag(arg))
  .map((path) => relative(root, resolve(path)))

const isUnder = (file: string, path: string) => path === '' || file === path || file.startsWith(`${path}/`)
const tests = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root })
  .filter((file) => paths.length === 0 || paths.some((path) => isUnder(file, path)))
  .sort()
if (tests.length === 0) {
  console.error(`No test file (*.test.ts) lies below ${paths.join(', ') || 'src or test'}.`)
  process.exit(1)
}

// A run has a temporary directory of its own, so that nothing it leaves behind outlives it, and no settings from outside.
const temporary = mkdtempSync(join(tmpdir(), 'millrace-test-'))
const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: temporary }
for (const name of Object.keys(env)) if (name.startsWith('MILLRACE_')) Reflect.deleteProperty(env, name)

// One PostgreSQL for all; which each file would otherwise start for itself.
const needsPostgres = tests.some((file) => readFileSync(join(root, file), 'utf8').includes('postgres/shared.ts'))
const postgres = needsPostgres && postgresBinaries() ? await startPostgres() : undefined
if (postgres) env.TEST_POSTGRES_URL = postgres.url()

// `npm ci` has built the dashboard, unless it was told to run no scripts.
const needsDashboard = tests.some((file) => file.startsWith('test/dashboard/'))
if (needsDashboard && !existsSync(join(root, 'build/dashboard/index.html'))) {
  spawnSync(process.execPath, [join(root, 'scripts/dashboard.ts')], { stdio: 'inherit' })
}

const concurrency = Math.max(2, availableParallelism() - 1)
const minute = 60_000
const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${2 * minute}`,
    ...flags,
    ...tests,
  ],
  { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
// A file whose tests are over, but which left something open, would run for ever. Interrupted, the runner names it.
const limit = setTimeout(() => child.kill('SIGINT'), 30 * minute)
child.on('close', (code) => {
  clearTimeout(limit)
  void postgres?.stop()
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
  process.exitCode = code ?? 1
})
