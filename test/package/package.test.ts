// The package as its users get it: built, packed, installed in an empty folder and run from there.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const exec = promisify(execFile)

// What the surrounding `npm test` says of its own package must not steer the one in the folder.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
)

/** Packs what a build of the work tree gives, without touching its dist/. */
async function pack(directory: string): Promise<string> {
  const staged = join(directory, 'staged')
  await mkdir(staged)
  const texts = (await readdir(root)).filter((name) => /^(package\.json|README\.md|LICENSE)$/.test(name))
  await Promise.all(texts.map((name) => copyFile(join(root, name), join(staged, name))))
  await exec(process.execPath, [join(root, 'scripts/build.ts'), '--out', join(staged, 'dist')])
  await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], { cwd: staged, env })
  const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz'))
  assert.ok(tarball, 'npm pack leaves a tarball')
  return join(directory, tarball)
}

async function install(tarball: string, folder: string): Promise<void> {
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
  const quiet = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund']
  await exec('npm', ['install', ...quiet, tarball], { cwd: folder, env })
}

/** Starts `millrace serve` on any free port; `address` is the one it prints. */
async function serve(folder: string) {
  const millrace = join(folder, 'node_modules/.bin/millrace')
  const data = join(folder, 'data')
  const server = spawn(millrace, ['serve', '--port', '0', '--data', data], { cwd: folder, env })
  const closed = once(server, 'close')
  let output = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const stop = async () => {
    server.kill('SIGTERM')
    const [code] = await closed
    return code
  }
  const deadline = AbortSignal.timeout(60_000)
  for (;;) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
    if (address && (await isReady(address))) return { address, stop }
    if (deadline.aborted || server.exitCode !== null) {
      server.kill('SIGKILL')
      assert.fail(`The server did not get ready; it said:\n${output}`)
    }
    await sleep(20)
  }
}

const isReady = (address: string) =>
  fetch(`${address}/readyz`).then(
    (response) => response.ok,
    () => false,
  )

const directory = await mkdtemp(join(tmpdir(), 'millrace-package-'))
const folder = join(directory, 'user')

before(async () => install(await pack(directory), folder), { timeout: 300_000 })
after(() => rm(directory, { recursive: true, force: true }))

test('the installed command serves, and the installed client sends and receives', { timeout: 180_000 }, async () => {
  const talk = `
    import { createClient } from 'millrace/client'

    const client = createClient({ url: process.argv[2] })
    const queue = client.queue('parcels')
    const sent = await queue.send({ to: 'Ghent' })
    const [received] = await queue.receive({ waitMs: 5000 })
    await received.delete()
    const left = await queue.receive({ waitMs: 0 })
    console.log(JSON.stringify({ same: sent.id === received.id, body: received.body, left: left.length }))
    await client.close()
  `
  await writeFile(join(folder, 'talk.js'), talk)
  const server = await serve(folder)
  try {
    const { stdout } = await exec(process.execPath, ['talk.js', server.address], { cwd: folder, timeout: 60_000 })
    assert.deepEqual(JSON.parse(stdout), { same: true, body: { to: 'Ghent' }, left: 0 })
    const page = await (await fetch(server.address, { headers: { Accept: 'text/html' } })).text()
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page)?.[1]
    assert.equal((await fetch(`${server.address}/dashboard${script}`)).status, 200, 'the dashboard is in the package')
  } finally {
    assert.equal(await server.stop(), 0)
  }
  assert.ok(existsSync(join(folder, 'data')), 'the data is where --data says')
})

test('every entry point can be imported, with types that stand by themselves', { timeout: 120_000 }, async () => {
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules/millrace/package.json'), 'utf8'))
  const entries = Object.keys(manifest.exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => join('millrace', entry))
  assert.ok(entries.includes('millrace') && entries.includes('millrace/client'))

  const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}'\nconsole.log(typeof entry${i})\n`)
  await writeFile(join(folder, 'entries.ts'), imports.join(''))
  const { stdout } = await exec(process.execPath, ['entries.ts'], { cwd: folder })
  assert.equal(stdout, 'object\n'.repeat(entries.length))

  const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
  const tsc = join(root, 'node_modules/.bin/tsc')
  await exec(tsc, [...options, ...types, 'entries.ts'], { cwd: folder }).catch((error) => assert.fail(error.stdout))
})
