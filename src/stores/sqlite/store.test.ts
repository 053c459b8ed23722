import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Delivery } from '../../core/delivery.ts'
import type { Message } from '../../core/message.ts'
import { StoreFailure, type Transaction } from '../../core/store.ts'
import { checkIntegrity } from './index.ts'
import { fileName, inMemory, openDatabase } from './open.ts'
import { SqliteStore } from './store.ts'

const now = Date.UTC(2030, 0, 1)
const queueId = 1
const groupId = 1

const temporaryDirectory = (context: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const openStore = (context: TestContext, file = inMemory) => {
  const database = openDatabase(file, { pageCacheBytes: 2 ** 20 })
  database.exec(`INSERT OR IGNORE INTO queue VALUES (${queueId}, 'a', 'q', 1, 0, 0, '{}');
    INSERT OR IGNORE INTO queue_group
      VALUES (${groupId}, ${queueId}, 'default', 'default', 0, NULL, 0, 0, '{}', 0, NULL, NULL)`)
  const store = new SqliteStore(database, file, { itemCacheBytes: 2 ** 20 })
  context.after(() => store.close())
  return { store, database }
}

const message = (serial: number, body: Uint8Array): Message => ({
  serial,
  sentAt: now,
  queueId,
  position: serial,
  expiresAt: null,
  priority: 0,
  body,
  contentType: null,
  messageGroup: null,
  attributes: null,
  extra: null,
})

const delivery = (position: number): Delivery => ({
  groupId,
  position,
  serial: position,
  type: 'Q',
  state: 'ready',
  visibleAt: 0,
  dueAt: null,
  urgency: 0,
  rank: position,
  messageGroup: null,
  receiveCount: 0,
  firstReceivedAt: null,
  reprocessCount: 0,
  nonce: 0,
  claimId: null,
  modifiedAt: now,
  detail: null,
})

const send = (store: SqliteStore, count = 1, bodyBytes = 1_000): Promise<void> =>
  store.transact([
    {
      run(transaction) {
        const first = transaction.takeNumbers(count)
        for (let serial = first; serial < first + count; serial++) {
          transaction.insertMessage(message(serial, Buffer.alloc(bodyBytes, serial)))
          transaction.insertDelivery(delivery(serial))
        }
        transaction.addCounts(groupId, { ready: count })
      },
    },
  ])

const look = async <Value>(store: SqliteStore, read: (transaction: Transaction) => Value): Promise<Value> => {
  const found: Value[] = []
  await store.transact([{ run: (transaction) => void found.push(read(transaction)) }])
  return found[0]!
}

const readyCount = (store: SqliteStore) => look(store, (transaction) => transaction.ready(groupId, 1_000_000).length)

const rejectsWith = (promise: Promise<unknown>, text: RegExp) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof StoreFailure, String(error))
    assert.match(error.message, text)
    assert.equal(error.safeToRetry, true)
    return true
  })

/** What must hold when writing fails for a while: nothing is half there, and service resumes. */
const failsAndResumes = async (
  store: SqliteStore,
  trouble: { begin(): void; end(): void; message: RegExp },
): Promise<void> => {
  await send(store, 50)
  trouble.begin()
  let stored = 50
  await rejectsWith(
    (async () => {
      for (let attempt = 0; attempt < 100; attempt++) {
        await send(store, 20, 8_000)
        stored += 20
      }
    })(),
    trouble.message,
  )
  await rejectsWith(send(store, 200, 8_000), trouble.message)
  assert.equal((await look(store, (transaction) => transaction.counts(groupId))).ready, stored)
  assert.equal(await readyCount(store), stored)
  trouble.end()
  await send(store, 20, 8_000)
  assert.equal(await readyCount(store), stored + 20)
  assert.equal((await look(store, (transaction) => transaction.counts(groupId))).ready, stored + 20)
}

test('a full disk: nothing is half applied, and service resumes when there is room', async (t) => {
  const directory = temporaryDirectory(t)
  const { store, database } = openStore(t, join(directory, fileName))
  await failsAndResumes(store, {
    begin: () => database.exec('PRAGMA max_page_count = 80'),
    end: () => database.exec('PRAGMA max_page_count = 1000000'),
    message: /The disk that holds .*millrace\.db is full\. Nothing was written/,
  })
  await store.close()
  assert.deepEqual(checkIntegrity(directory), [])
})

test('a file that cannot be written: reads go on, and service resumes when it can', async (t) => {
  const directory = temporaryDirectory(t)
  const { store, database } = openStore(t, join(directory, fileName))
  await failsAndResumes(store, {
    begin: () => database.exec('PRAGMA query_only = ON'),
    end: () => database.exec('PRAGMA query_only = OFF'),
    message: /millrace\.db cannot be written\. Make the file and its directory writable/,
  })
  await store.close()
  assert.deepEqual(checkIntegrity(directory), [])
})

test('damage that is found while serving is told, and nothing is half applied', async (t) => {
  const file = join(temporaryDirectory(t), fileName)
  const first = openStore(t, file)
  await send(first.store, 2_000)
  await first.store.close()
  damage(file)

  const { store } = openStore(t, file)
  await rejectsWith(readyCount(store), /millrace\.db is damaged.*restore the latest backup/)
  await rejectsWith(
    store.transact([
      {
        run(transaction) {
          transaction.addCounts(groupId, { ready: 1 })
          transaction.ready(groupId, 2_000)
        },
      },
    ]),
    /is damaged/,
  )
  assert.equal((await look(store, (transaction) => transaction.counts(groupId))).ready, 2_000)
})

/** The table's and indexes' roots lie in the first pages; the rest is their leaves. */
const damage = (file: string): void => {
  const { size } = statSync(file)
  const descriptor = openSync(file, 'r+')
  for (let page = 40; page < size / 8192; page++) writeSync(descriptor, Buffer.alloc(64, 0x55), 0, 64, page * 8192)
  closeSync(descriptor)
}

test('an error of SQLite that a unit hides fails the whole transaction', async (t) => {
  const { store, database } = openStore(t)
  const hiding = store.transact([
    {
      run(transaction) {
        transaction.addCounts(groupId, { ready: 1 })
        // What SQLite does by itself when a disk is full in the middle of a transaction.
        database.exec('ROLLBACK')
      },
    },
  ])
  await assert.rejects(hiding, /rolled back by an error that a unit hid/)
  assert.equal((await look(store, (transaction) => transaction.counts(groupId))).ready, 0)
})

test('after a rollback nothing is remembered of what the transaction did', async (t) => {
  const { store } = openStore(t)
  await send(store, 3)
  const [before] = await look(store, (transaction) => transaction.ready(groupId, 1))
  assert.ok(before)
  const failing = store.transact([
    {
      run(transaction) {
        transaction.updateDelivery(before.delivery, { ...before.delivery, state: 'leased', dueAt: now + 5 })
        transaction.removeDelivery(delivery(before.delivery.position + 1))
        transaction.removeMessage(before.delivery.serial + 1)
        transaction.moveMessage(before.delivery.serial + 2, 7, 700, now)
        assert.equal(transaction.ready(groupId, 10).length, 1)
        throw new Error('no')
      },
    },
  ])
  await assert.rejects(failing, { message: 'no' })
  const items = await look(store, (transaction) => transaction.ready(groupId, 10))
  assert.deepEqual(
    items.map((item) => [item.delivery.position, item.message.position, item.message.queueId]),
    [1, 2, 3].map((position) => [position, position, queueId]),
  )
})

test('settling what was received reads nothing', async (t) => {
  const { store, database } = openStore(t)
  await send(store, 10)
  const lease = (item: Delivery): Delivery => ({
    ...item,
    state: 'leased',
    visibleAt: now + 9,
    dueAt: now + 9,
    nonce: 5,
  })
  await store.transact([
    {
      run(transaction) {
        for (const { delivery: ready } of transaction.ready(groupId, 10))
          transaction.updateDelivery(ready, lease(ready))
      },
    },
  ])
  // Whatever is read from now on is not what was there.
  database.exec(`UPDATE delivery SET nonce = 6; UPDATE message SET body = x'00'`)
  await store.transact([
    {
      run(transaction) {
        for (let position = 1; position <= 10; position++) {
          const item = transaction.item(groupId, position)
          assert.deepEqual(item, {
            delivery: lease(delivery(position)),
            message: message(position, item!.message.body),
          })
          assert.equal(item!.message.body.length, 1_000)
          transaction.removeDelivery(item!.delivery)
          transaction.removeMessage(item!.message.serial)
        }
      },
    },
  ])
  assert.equal(store.stats().gauges.cached_items, 0)
  assert.equal(store.stats().gauges.cached_item_bytes, 0)
})

test('what comes and goes within a transaction is never written', async (t) => {
  const { store, database } = openStore(t)
  const changes = () => database.prepare('SELECT total_changes() AS changes').get()?.changes
  const before = changes()
  await store.transact([
    {
      run(transaction) {
        transaction.insertMessage(message(1, Buffer.from('short-lived')))
        transaction.insertDelivery(delivery(1))
        assert.equal(transaction.item(groupId, 1)?.message.serial, 1)
        transaction.removeDelivery(delivery(1))
        transaction.removeMessage(1)
        assert.equal(transaction.item(groupId, 1), undefined)
        assert.equal(transaction.message(1), undefined)
      },
    },
  ])
  assert.equal(changes(), before)
})

test('the log stays short however much is written, and everything is there', async (t) => {
  const directory = temporaryDirectory(t)
  const { store } = openStore(t, join(directory, fileName))
  for (let round = 0; round < 100; round++) {
    await send(store, 500)
    store.maintain()
  }
  const { gauges } = store.stats()
  assert.ok(gauges.checkpoints! > 0)
  assert.ok(gauges.wal_bytes! < 30 * 2 ** 20, `${gauges.wal_bytes}`)
  await store.close()
  assert.equal(await readyCount(openStore(t, join(directory, fileName)).store), 50_000)
})

test('a closed store refuses everything in a sentence', async (t) => {
  const { store } = openStore(t)
  await store.close()
  await store.close()
  await rejectsWith(send(store), /The store is closed/)
  await rejectsWith(store.backup('anywhere'), /The store is closed/)
  assert.equal(store.maintain(), false)
  assert.equal(store.stats().sizeBytes, 0)
})
