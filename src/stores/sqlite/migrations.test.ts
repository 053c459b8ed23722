import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { at, bodies, testEngine } from '../../testing/test-engine.ts'
import { sqliteStore } from './index.ts'
import { migrations } from './migrations.ts'

/** As the first version wrote them; what has been added to settings since is for a later step to add. */
const firstSettings = {
  ordering: 'unordered',
  newestFirst: false,
  consumerGroups: false,
  visibilityTimeoutMs: 30_000,
  delayMs: 0,
  retentionMs: null,
  maxMessageBytes: 1_048_576,
  maxMessages: null,
  maxLeased: null,
  receiveWaitMs: 0,
  receiveLimit: null,
  deadLetterQueue: null,
  deadLetters: 'delete',
  deadLetterRetentionMs: null,
  deadLetterAt: 'lease-end',
  deduplicationWindowMs: 300_000,
  deduplicationScope: 'queue',
  contentDeduplication: false,
  keepFinished: 'nothing',
  keepProcessedMs: 604_800_000,
  keepFilteredMs: 604_800_000,
  keepErroredMs: null,
  keepShelvedMs: 2_592_000_000,
  history: true,
  paused: false,
  description: '',
  metadata: {},
  tags: {},
  door: {},
}

const firstTask = {
  id: '019b76d8f400000000000009',
  kind: 'redrive',
  account: 'a',
  queue: 'old',
  queueId: 1,
  group: null,
  groupId: 1,
  to: null,
  state: 'completed',
  moved: 7,
  total: 7,
  startedAt: 1,
  endedAt: 2,
  maxPerSecond: null,
  failure: null,
  cursor: 7,
  lastPosition: 9,
}

test('a store of the first version is brought up to date, with all that it holds', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-migrate-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'millrace.db')
  const [first = ''] = migrations
  const old = new DatabaseSync(file)
  old.exec(`PRAGMA application_id = 0x4d696c6c; PRAGMA user_version = 1; ${first}`)
  old.prepare("INSERT INTO queue VALUES (1, 'a', 'old', 1, 5, 5, ?)").run(JSON.stringify(firstSettings))
  old.exec(`
    INSERT INTO meta VALUES ('numbers', 1000000), ('group ids', 64);
    INSERT INTO queue_group VALUES (1, 1, 'default', 'default', 5, NULL, 0, 0, '{}');
    INSERT INTO group_count VALUES (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    INSERT INTO message VALUES (3, 5, 1, 3, NULL, 0, NULL, NULL, NULL, NULL, CAST('hello' AS BLOB));
    INSERT INTO delivery (group_id, position, serial, state, urgency, rank, visible_at, modified_at)
      VALUES (1, 3, 3, 0, 0, 3, 0, 5);
  `)
  old
    .prepare("INSERT INTO document VALUES ('task', ?, ?, NULL)")
    .run(`a\u0001${firstTask.id}`, JSON.stringify(firstTask))
  old.close()

  const store = sqliteStore({ directory })
  t.after(() => store.close())
  await using migrated = testEngine({ store })
  await migrated.create('new')
  const { settings } = await migrated.engine.getQueue(at('old'))
  const { settings: today } = await migrated.engine.getQueue(at('new'))
  assert.deepEqual(Object.keys(settings).sort(), Object.keys(today).sort(), 'no setting is missing')
  assert.equal(settings.history, 'end')
  const changed = await migrated.engine.updateQueue({ ...at('old'), settings: { description: 'ours' } })
  assert.equal(changed.settings.description, 'ours')
  const { moved, account: _a, queueId: _q, groupId: _g, cursor: _c, lastPosition: _l, ...task } = firstTask
  const now = { ...task, changed: moved, skipped: 0, examined: moved, by: null }
  assert.deepEqual(await migrated.engine.listTasks({ account: 'a' }), [now])
  await migrated.send('old', 'world')
  assert.deepEqual(bodies(await migrated.receive('old')), ['hello', 'world'])
})
