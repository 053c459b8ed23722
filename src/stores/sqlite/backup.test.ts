import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { StoreFailure, type Transaction } from '../../core/store.ts'
import { type BackupProgress, checkIntegrity, restore, type SqliteStore, sqliteStore } from './index.ts'
import { migrations } from './migrations.ts'
import { fileName, pragma } from './open.ts'

const now = Date.UTC(2030, 0, 1)

const temporaryDirectory = (context: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const failure = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreFailure, String(error))
  assert.match(error.message, message)
  return true
}

const run = (store: SqliteStore, unit: (transaction: Transaction) => void) => store.transact([{ run: unit }])

const createQueue = (transaction: Transaction): void => {
  const times = { createdAt: now, modifiedAt: now }
  transaction.putQueue({ id: 1, account: 'a', name: 'q', explicit: true, settings: {} as never, ...times })
  const place = {
    deadLettersOf: null,
    backfillFrom: 0,
    backfillTo: 0,
    backfilled: 0,
    tagRule: null,
    subscription: null,
    door: {},
  }
  transaction.putGroup({ id: 1, queueId: 1, kind: 'default', name: 'default', createdAt: now, ...place })
}

/** Messages whose bodies follow from their number. */
const send = (count: number) => (transaction: Transaction) => {
  const first = transaction.takeNumbers(count)
  for (let serial = first; serial < first + count; serial++) {
    const rare = { expiresAt: null, contentType: null, messageGroup: null, attributes: null, extra: null }
    const body = Buffer.alloc(4_000, String(serial))
    transaction.insertMessage({ serial, sentAt: now, queueId: 1, position: serial, priority: 0, body, ...rare })
    transaction.insertDelivery({
      groupId: 1,
      position: serial,
      serial,
      type: 'Q',
      state: 'ready',
      visibleAt: 0,
      dueAt: null,
      urgency: 0,
      rank: serial,
      messageGroup: null,
      receiveCount: 0,
      firstReceivedAt: null,
      reprocessCount: 0,
      nonce: 0,
      claimId: null,
      modifiedAt: now,
      detail: null,
    })
  }
  transaction.addCounts(1, { ready: count })
}

const remove =
  (count: number, after = 0) =>
  (transaction: Transaction) => {
    const items = transaction.scan(1, { after, limit: count })
    for (const { delivery } of items) {
      transaction.removeDelivery(delivery)
      transaction.removeMessage(delivery.serial)
    }
    transaction.addCounts(1, { ready: -items.length })
  }

const openWith = async (context: TestContext, count: number) => {
  const directory = temporaryDirectory(context)
  const store = sqliteStore({ directory })
  context.after(() => store.close())
  await run(store, createQueue)
  for (let sent = 0; sent < count; sent += 500) await run(store, send(500))
  return { store, directory, backup: join(directory, 'backup.db') }
}

const contents = async (store: SqliteStore) => {
  const found: { position: number; body: string; ready: number }[] = []
  await run(store, (transaction) => {
    const { ready } = transaction.counts(1)
    for (const { delivery, message } of transaction.scan(1, { limit: 1_000_000 })) {
      found.push({ position: delivery.position, body: Buffer.from(message.body).toString(), ready })
    }
  })
  return found
}

describe('backup', () => {
  test('copies a store at rest, what is only in the log included', async (t) => {
    const { store, directory, backup } = await openWith(t, 500)
    const progress: BackupProgress[] = []
    await store.backup(backup, { onProgress: (step) => progress.push(step) })
    assert.ok(progress.every(({ copiedBytes, totalBytes }) => copiedBytes <= totalBytes))
    const restored = join(directory, 'restored')
    await restore({ backup, directory: restored })
    assert.deepEqual(checkIntegrity(restored), [])
    const copy = sqliteStore({ directory: restored })
    assert.deepEqual(await contents(copy), await contents(store))
    await copy.close()
  })

  test('is the store at one moment, however much is written and checkpointed meanwhile', async (t) => {
    const { store, directory, backup } = await openWith(t, 8_000)
    const before = (await contents(store)).map(({ position }) => position)
    let underWay = true
    const finished = store.backup(backup).finally(() => {
      underWay = false
    })
    let rounds = 0
    while (underWay) {
      // At the front, in the middle and at the end of the file at once.
      await run(store, (transaction) => {
        remove(50)(transaction)
        remove(50, before[4_000])(transaction)
        send(300)(transaction)
      })
      store.maintain()
      rounds++
      await new Promise(setImmediate)
    }
    await finished
    assert.ok(rounds > 5)
    assert.ok(store.stats().gauges.checkpoints! > 1)

    const restored = join(directory, 'restored')
    await restore({ backup, directory: restored })
    assert.deepEqual(checkIntegrity(restored), [])
    const copy = sqliteStore({ directory: restored })
    const copied = await contents(copy)
    assert.ok(copied.length > 8_000)
    for (const { position, body, ready } of copied) {
      assert.equal(ready, copied.length)
      assert.equal(body, Buffer.alloc(4_000, String(position)).toString())
    }
    await copy.close()
  })

  test('one at a time, to a place that is free', async (t) => {
    const { store, directory, backup } = await openWith(t, 2_000)
    const first = store.backup(backup)
    await assert.rejects(store.backup(join(directory, 'other.db')), failure(/under way already/))
    await first
    await assert.rejects(store.backup(backup), failure(/backup\.db exists/))
    await assert.rejects(store.backup(join(directory, 'no', 'where.db')), failure(/its directory does not exist/))
    await store.backup(join(directory, 'other.db'))
  })

  test('cut short, it leaves nothing', async (t) => {
    const { store, directory, backup } = await openWith(t, 2_000)
    const abort = new AbortController()
    const aborted = store.backup(backup, { signal: abort.signal, onProgress: () => abort.abort() })
    await assert.rejects(aborted, { name: 'AbortError' })
    const closed = store.backup(backup, { onProgress: () => void store.close() })
    await assert.rejects(closed, failure(/closed during the backup/))
    await store.close()
    assert.deepEqual(readdirSync(directory), [fileName])
  })

  test('does not give up the lock on the store', async (t) => {
    const { store, directory, backup } = await openWith(t, 500)
    await store.backup(backup)
    const other = new DatabaseSync(join(directory, fileName))
    assert.throws(() => other.exec('PRAGMA journal_mode'), /locked/)
    other.close()
    assert.throws(() => sqliteStore({ directory }), failure(/in use/))
  })

  test('of a store in memory', async (t) => {
    const directory = temporaryDirectory(t)
    const store = sqliteStore({ file: ':memory:' })
    await run(store, createQueue)
    await run(store, send(10))
    await store.backup(join(directory, 'backup.db'))
    await restore({ backup: join(directory, 'backup.db'), directory: join(directory, 'restored') })
    const copy = sqliteStore({ directory: join(directory, 'restored') })
    assert.deepEqual(await contents(copy), await contents(store))
    await copy.close()
    await store.close()
  })
})

describe('restore', () => {
  test('replaces a store only when told, and never one that is in use', async (t) => {
    const { store, directory, backup } = await openWith(t, 500)
    await store.backup(backup)
    await run(store, send(1))
    await assert.rejects(restore({ backup, directory }), failure(/millrace\.db exists/))
    await assert.rejects(restore({ backup, directory, overwrite: true }), failure(/in use by this same process/))
    await store.close()
    await assert.rejects(restore({ backup, directory }), failure(/millrace\.db exists/))
    const told: BackupProgress[] = []
    await restore({ backup, directory, overwrite: true, onProgress: (progress) => told.push(progress) })
    const totalBytes = readFileSync(backup).length
    assert.deepEqual(told.at(-1), { copiedBytes: totalBytes, totalBytes })
    const restored = sqliteStore({ directory })
    assert.equal((await contents(restored)).length, 500)
    await restored.close()
  })

  test('replaces a damaged store, and the log that it left', async (t) => {
    const { store, directory, backup } = await openWith(t, 500)
    await store.backup(backup)
    await store.close()
    writeFileSync(join(directory, fileName), 'damaged')
    writeFileSync(join(directory, `${fileName}-wal`), 'damaged')
    await restore({ backup, directory, overwrite: true })
    assert.equal(existsSync(join(directory, `${fileName}-wal`)), false)
    assert.deepEqual(checkIntegrity(directory), [])
  })

  const refused = async (t: TestContext, spoil: (backup: string) => void, message: RegExp) => {
    const { store, directory, backup } = await openWith(t, 500)
    await store.backup(backup)
    await store.close()
    spoil(backup)
    const before = readFileSync(join(directory, fileName))
    await assert.rejects(restore({ backup, directory, overwrite: true }), failure(message))
    assert.deepEqual(readFileSync(join(directory, fileName)), before)
    assert.deepEqual(readdirSync(directory).sort(), ['backup.db', fileName])
  }

  test('refuses a damaged backup', (t) =>
    refused(
      t,
      (backup) => {
        const bytes = readFileSync(backup)
        for (let page = 20; page < bytes.length / 8192; page++) bytes.fill(0x55, page * 8192, page * 8192 + 64)
        writeFileSync(backup, bytes)
      },
      /backup\.db is damaged.*Nothing was changed/s,
    ))

  test('refuses a backup that was cut off', (t) =>
    refused(t, (backup) => writeFileSync(backup, readFileSync(backup).subarray(0, 100_000)), /backup\.db is damaged/))

  test('refuses what is no backup', (t) =>
    refused(t, (backup) => writeFileSync(backup, 'Dear diary, '.repeat(1000)), /is not a Millrace database/))

  test('refuses a backup of a newer version', (t) =>
    refused(
      t,
      (backup) => {
        const database = new DatabaseSync(backup)
        database.exec('PRAGMA user_version = 99')
        database.close()
      },
      /written by a newer version/,
    ))

  test('says when there is no such backup', async (t) => {
    const directory = temporaryDirectory(t)
    await assert.rejects(restore({ backup: join(directory, 'none'), directory }), failure(/There is no backup/))
  })
})

test('checkIntegrity says what does not fit together', async (t) => {
  const { store, directory } = await openWith(t, 500)
  await run(store, (transaction) => {
    transaction.removeMessage(3)
    transaction.removeDelivery(transaction.item(1, 5)!.delivery)
    transaction.addCounts(1, { ready: 7 })
  })
  await store.close()
  assert.deepEqual(checkIntegrity(directory), [
    '1 deliveries without their message',
    '1 messages without a delivery',
    '1 groups whose count of ready messages is wrong',
  ])
})

test('checkIntegrity leaves a file of an earlier version as it is', (t) => {
  const directory = temporaryDirectory(t)
  const file = join(directory, fileName)
  const [first = ''] = migrations
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA application_id = 0x4d696c6c; ${first} PRAGMA user_version = 1`)
  database.exec('INSERT INTO group_count VALUES (1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0)')
  database.close()
  assert.deepEqual(checkIntegrity(directory), ['1 groups whose count of ready messages is wrong'])
  assert.deepEqual(readdirSync(directory), [fileName])
  const after = new DatabaseSync(file)
  assert.equal(pragma(after, 'user_version'), 1)
  after.close()
})
