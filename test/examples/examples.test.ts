import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createClient } from '../../src/client/index.ts'
import { temporaryDirectory } from '../client/forms.ts'
import { startTestServer } from '../server/harness.ts'

const root = resolve(import.meta.dirname, '../..')
const examples = join(root, 'examples')
const hook = import.meta.resolve('./from-source.ts')

interface Program {
  readonly process: ChildProcess
  /** Resolves when it has said that. */
  says(text: string): Promise<void>
  /** What it has said when it ends well. */
  readonly ended: Promise<string>
}

const start = (
  t: TestContext,
  command: string,
  args: readonly string[],
  { url, input = '' }: { readonly url: string; readonly input?: string },
): Program => {
  const program = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, MILLRACE_URL: url } })
  // A test that fails or takes too long must not leave it running: this process would wait for it.
  t.after(() => program.kill('SIGKILL'))
  let output = ''
  let errors = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  program.stdin.end(input)
  const ended = once(program, 'close').then(([code, signal]) => {
    assert.deepEqual([code, signal], [0, null], errors)
    return output
  })
  return {
    process: program,
    ended,
    async says(text) {
      const over = ended.then(() => assert.ok(output.includes(text), `it ended without saying '${text}': ${output}`))
      while (!output.includes(text)) await Promise.race([once(program.stdout, 'data'), over])
    },
  }
}

const example = (t: TestContext, name: string, url: string, ...args: string[]): Program =>
  start(t, process.execPath, ['--import', hook, join(examples, name), ...args], { url })

/** What each of them says. Those that are missing here have tests of their own below. */
const wanted: Readonly<Record<string, string>> = {
  'quick-start.ts': 'order 8: bread\norder 7: tea, milk\n',
  'errors.ts': 'MessageTooLarge 413 1000\n',
  'typed.ts': 'InvalidBody\nada@example.com 2030\n',
  'for-await.ts': 'one\ntwo\nend\n',
  'outcomes.ts': 'ready: P\nearly: D\nbroken: E the laboratory answered 500\nodd: F unknown sample\n',
  'reprocess.ts':
    'sample 1: too early\nsample 2: submitted, put aside 0 times\nsample 1: submitted, put aside 1 times\n',
  'consumer-groups.ts': 'mail: ada signed up\nmail: ada paid\naudit: ada signed up\naudit: ada paid\n',
  'claims.ts': 'posted to Ada\nposted to Grace\n1 left\n',
  'push.ts':
    "'email' must be an e-mail address.\n" +
    'Rooby: 422 attempt 1 for Rooby answered with status 422\n' +
    'Rooby: 422 attempt 2 for Rooby answered with status 422\n' +
    'Rooby: errored\nAda: 200 attempt 1 for Ada\nAda: processed\n',
  'testing.ts': 'a minute has passed\n',
  'altogic.ts': "mail to Rooby\ncompleted\nmail to Nobody\nerrors\n'name' is required.\n",
}

for (const [name, output] of Object.entries(wanted)) {
  test(`examples/${name}`, async (t) => {
    const { url } = await startTestServer(t)
    assert.equal(await example(t, name, url).ended, output)
  })
}

test('examples/embedded.ts', async (t) => {
  const directory = temporaryDirectory(t)
  assert.equal(await example(t, 'embedded.ts', '', directory).ended, 'mail to ada@example.com\n')
})

test('examples/worker.ts', async (t) => {
  const { url } = await startTestServer(t)
  const worker = example(t, 'worker.ts', url)
  await worker.says('working')
  const millrace = createClient({ url })
  await millrace.queue('thumbnails').send({ image: 'cat.png' })
  await worker.says('made cat.png')
  worker.process.kill('SIGTERM')
  assert.equal(await worker.ended, 'working\nmade cat.png\nstopped\n')
  await millrace.close()
})

test('examples/pipe.sh', async (t) => {
  const { url } = await startTestServer(t)
  const { ended } = start(t, 'sh', [join(examples, 'pipe.sh')], {
    url,
    input: 'first line\nsecond: "quoted" \\ ünï\n',
  })
  assert.equal(await ended, 'first line\nsecond: "quoted" \\ ünï\n')
})

test('every example is run', () => {
  const others = ['embedded.ts', 'worker.ts', 'pipe.sh']
  assert.deepEqual(globSync('*', { cwd: examples }).sort(), [...Object.keys(wanted), ...others].sort())
})

test('the code of the guides is that of the examples', () => {
  const code = globSync('*', { cwd: examples }).map((name) => squeezed(readFileSync(join(examples, name), 'utf8')))
  for (const guide of ['client.md', 'embedded.md', 'workers.md']) {
    const text = readFileSync(join(root, 'docs/guides', guide), 'utf8')
    const blocks = [...text.matchAll(/```(?:ts|sh)\n([\s\S]*?)```/g)].map((match) => match[1] as string)
    assert.ok(blocks.length > 0)
    for (const block of blocks) {
      assert.ok(
        code.some((whole) => whole.includes(squeezed(block))),
        `${guide} has code that no example runs:\n${block}`,
      )
    }
  }
})

/** Without indentation and blank lines, which differ. */
const squeezed = (code: string): string =>
  code
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
