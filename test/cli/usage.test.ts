import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { catalogue } from '../../src/cli/commands.ts'
import { millrace, Running } from './harness.ts'

test('every command has help with examples, options of a connection and an exit code of 0', async () => {
  const outputs = await Promise.all(
    catalogue.map(async ({ name }) => ({ name, result: await millrace([name, '--help']) })),
  )
  for (const { name, result } of outputs) {
    assert.deepEqual([result.code, result.stderr], [0, ''], name)
    assert.match(result.stdout, new RegExp(`^Usage: millrace ${name} `))
    assert.match(result.stdout, /\nExamples:\n {2}# .*\n {2}.*millrace /, name)
  }
  assert.match((await millrace(['queue', 'group', 'create', '--help'])).stdout, /--url <url>[\s\S]*MILLRACE_URL/)
  assert.match((await millrace(['help', 'queue', 'create'])).stdout, /--visibility-timeout <duration>/)
})

test('the program says what it is', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  assert.equal((await millrace(['--version'])).stdout, `${version}\n`)
  const help = await millrace(['--help'])
  for (const { name, summary } of catalogue)
    assert.match(help.stdout, new RegExp(`\\n {2}${name} +${summary.slice(0, 20)}`))
})

test('a wrong command line is exit code 2, and says what is wrong', async () => {
  const cases: [args: string[], problem: RegExp][] = [
    [[], /Usage: millrace/],
    [['recieve', 'q'], /unknown command 'recieve'\n\(Did you mean receive\?\)/],
    [['queue', 'bogus'], /unknown command 'bogus'/],
    [['help', 'recieve'], /unknown command 'recieve'\n\(Did you mean receive\?\)/],
    [['receive'], /missing required argument 'queue'/],
    [['receive', 'q', '--bogus'], /unknown option '--bogus'/],
    [['receive', 'q', '--wait', 'soon'], /Give a duration/],
    [['receive', 'q', '--max', '0'], /Give a whole number from 1/],
    [['receive', 'q', '--pop', '--delete'], /cannot be used with/],
    [['receive', 'q', '--pop', '--dead-letters'], /--pop goes with none/],
    [['peek', 'q', '--state', 'gone'], /Give some of ready, behind/],
    [['send', 'q', 'x', '--attributes', '[]'], /Give a JSON object/],
    [['send', 'q', '{', '--content-type', 'application/json'], /The body is not JSON/],
    [['queue', 'create', 'q', '--ordering', 'random'], /Allowed choices are unordered/],
    [['queue', 'update', 'q'], /No setting is given/],
    [['tail', 'q', '--interval', '1ms'], /Give at least 50ms/],
    [['completion', 'tcsh'], /Allowed choices are bash/],
  ]
  const results = await Promise.all(cases.map(([args]) => millrace(args)))
  for (const [index, [args, problem]] of cases.entries()) {
    assert.equal(results[index]?.code, 2, args.join(' '))
    assert.match(results[index]?.stderr ?? '', problem)
    assert.equal(results[index]?.stdout, '')
  }
})

test('help into a pipe that closes is no crash', async () => {
  const running = new Running(['serve', '--help'])
  running.process.stdout?.destroy()
  const { code, stderr } = await running.end()
  assert.deepEqual([code, stderr], [0, ''])
})
