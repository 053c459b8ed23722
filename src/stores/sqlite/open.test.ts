import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { StoreFailure } from '../../core/store.ts'
import { checkIntegrity, sqliteStore } from './index.ts'
import { fileName, openDatabase } from './open.ts'

const temporaryDirectory = (context: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const failure = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreFailure)
  assert.match(error.message, message)
  assert.equal(error.safeToRetry, true)
  return true
}

/** Another process that opens the store of a directory, takes some numbers durably, tells, and stays. */
const ownerProcess = async (directory: string) => {
  const module = JSON.stringify(new URL('./index.ts', import.meta.url).href)
  const program = `
    import { sqliteStore } from ${module}
    const store = sqliteStore({ directory: ${JSON.stringify(directory)} })
    let first, groupId
    await store.transact([{ run(transaction) {
      first = transaction.takeNumbers(10)
      groupId = transaction.takeGroupId()
    } }])
    console.log(JSON.stringify({ first, groupId }))
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const taken = JSON.parse(line.toString()) as { first: number; groupId: number }
  return {
    pid: child.pid,
    taken,
    async kill() {
      if (child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

describe('one process owns a store', () => {
  test('another one is refused with the name of the file and of the owner, and let in when that was killed', async (t) => {
    const directory = temporaryDirectory(t)
    const owner = await ownerProcess(directory)
    t.after(owner.kill)
    const file = join(directory, fileName)
    assert.throws(() => sqliteStore({ directory }), failure(new RegExp(`${file} is in use by process ${owner.pid}\\.`)))
    await owner.kill()

    const store = sqliteStore({ directory })
    await store.transact([
      {
        run(transaction) {
          assert.ok(transaction.takeNumbers(1) >= owner.taken.first + 10)
          assert.ok(transaction.takeGroupId() > owner.taken.groupId)
        },
      },
    ])
    await store.close()
  })

  test('within a process too', async (t) => {
    const directory = temporaryDirectory(t)
    const store = sqliteStore({ directory })
    assert.throws(() => sqliteStore({ directory }), failure(/in use by this same process/))
    await store.close()
    await sqliteStore({ directory }).close()
  })

  test('a refused opener leaves the owner as it was', async (t) => {
    const directory = temporaryDirectory(t)
    const store = sqliteStore({ directory })
    assert.throws(() => sqliteStore({ directory }), StoreFailure)
    assert.throws(() => sqliteStore({ directory }), failure(/in use/))
    await store.transact([{ run: (transaction) => transaction.takeNumbers(1) }])
    await store.close()
  })
})

describe('files that are not for us are refused and left alone', () => {
  const refused = (t: TestContext, prepare: (file: string) => void, message: RegExp) => {
    const directory = temporaryDirectory(t)
    const file = join(directory, fileName)
    prepare(file)
    const before = readFileSync(file)
    assert.throws(() => sqliteStore({ directory }), failure(message))
    assert.deepEqual(readFileSync(file).subarray(28), before.subarray(28))
    rmSync(file)
    return sqliteStore({ directory }).close()
  }

  test('a newer schema', (t) =>
    refused(
      t,
      (file) => {
        const database = openDatabase(file, { pageCacheBytes: 2 ** 20 })
        database.exec('PRAGMA user_version = 99')
        database.close()
      },
      /written by a newer version of Millrace \(its schema is version 99/,
    ))

  test('a database of another program', (t) =>
    refused(
      t,
      (file) => {
        const database = new DatabaseSync(file)
        database.exec('PRAGMA journal_mode = WAL; CREATE TABLE theirs (id INTEGER)')
        database.close()
      },
      /not one of Millrace/,
    ))

  test('a file that is no database', (t) =>
    refused(t, (file) => writeFileSync(file, 'Dear diary, '.repeat(1000)), /is not a Millrace database/))

  test('a database whose schema is damaged', (t) =>
    refused(
      t,
      (file) => {
        openDatabase(file, { pageCacheBytes: 2 ** 20 }).close()
        const bytes = readFileSync(file)
        bytes.fill(0xff, 100, 4096)
        writeFileSync(file, bytes)
      },
      /is damaged.*restore the latest backup/,
    ))
})

test('a directory that cannot be made is named', (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'taken'), '')
  assert.throws(
    () => sqliteStore({ directory: join(directory, 'taken', 'below') }),
    failure(/The directory .*taken.below cannot be created/),
  )
})

test('a file system in which nothing can be made refuses, instead of keeping the process busy for ever', {
  skip: process.platform !== 'linux' && 'only Linux has /proc',
}, () => {
  assert.throws(
    () => sqliteStore({ directory: '/proc/nope/below' }),
    failure(/The directory \/proc\/nope\/below cannot be created: ENOENT/),
  )
})

test('the data directory is made, for its owner only', async (t) => {
  const directory = join(temporaryDirectory(t), 'a', 'b')
  await sqliteStore({ directory }).close()
  if (process.platform !== 'win32') assert.equal(statSync(directory).mode & 0o077, 0)
  assert.deepEqual(checkIntegrity(directory), [])
})

test('either a directory or a file has to be given', () => {
  assert.throws(() => sqliteStore({}), TypeError)
  assert.throws(() => sqliteStore({ directory: 'a', file: 'b' }), TypeError)
})
