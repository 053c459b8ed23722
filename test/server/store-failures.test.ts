// The store fails: clients are told whether their request was done, and only those who run the server where the store is and what ails it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Store, StoreFailure } from '../../src/core/store.ts'
import { isMillraceError, openMillrace } from '../../src/index.ts'
import { asStoreFailure } from '../../src/stores/sqlite/failures.ts'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
import { askAsStranger, askDoor, doors, file } from './each-door.ts'
import { startTestServer } from './harness.ts'

const path = '/srv/queues/millrace.db'

/** What SQLite says when it fails in this way. */
const failureOf = (message: string, errcode: number, whileCommitting = false): StoreFailure => {
  const error = Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode })
  const failure = asStoreFailure(error, path, whileCommitting)
  assert.ok(failure instanceof StoreFailure)
  return failure
}

const full = failureOf('database or disk is full', 13)
const broken = failureOf('disk I/O error', 10, true)

/** A store in memory that fails as it is told. */
const failing = () => {
  const memory = memoryStore()
  const state: { failure: Error | undefined; store: Store } = {
    failure: undefined,
    store: {
      ...memory,
      transact: (units) => (state.failure ? Promise.reject(state.failure) : memory.transact(units)),
    },
  }
  return state
}

const logged = (lines: readonly string[]) =>
  lines.filter((line) => line.includes('"msg":"the store fails"')).map((line) => JSON.parse(line))

for (const [failure, outcome] of [
  [full, 'nothing was done'],
  [broken, 'it is not known whether this was done'],
] as const) {
  test(`clients are told that ${outcome}, and neither the file nor what SQLite said`, async (t) => {
    const state = failing()
    const { url } = await startTestServer(t, file, { store: state.store })
    state.failure = failure
    const isWithoutParticulars = (text: string, who: string) =>
      assert.doesNotMatch(text, /millrace\.db|srv|SQLite|disk/i, who)
    for (const [door, asked] of Object.entries(doors)) {
      const answer = await askDoor(url, asked)
      const text = await answer.text()
      assert.deepEqual([answer.status, answer.headers.has('retry-after')], [503, true], `${door}: ${text}`)
      isWithoutParticulars(text, door)
      assert.ok(text.includes(outcome), `${door}: ${text}`)
    }
    for (const [door, ask] of Object.entries(askAsStranger)) {
      const answer = await ask(url)
      assert.deepEqual([answer.status, answer.headers.has('retry-after')], [503, true], door)
      isWithoutParticulars(await answer.text(), door)
    }
  })
}

test('the log has why the store fails, with its cause; and the same again after a minute', async (t) => {
  const state = failing()
  const clock = fakeClock()
  const { call, lines } = await startTestServer(t, {}, { store: state.store, clock })
  const send = async () => (await call('POST', '/queues/q/messages', { body: 1 })).status
  assert.equal(await send(), 201)
  state.failure = full
  assert.deepEqual([await send(), await send()], [503, 503])
  const [{ level, err }, ...more] = logged(lines)
  assert.deepEqual([level, err.type, more], [50, 'StoreFailure', []])
  assert.match(err.message, /The disk that holds \/srv\/queues\/millrace\.db is full/)
  assert.match(err.stack, /caused by: Error: database or disk is full/)

  state.failure = broken
  await send()
  assert.equal(logged(lines).length, 2, 'another failure is told at once')
  clock.advance(60_000)
  await send()
  await send()
  assert.equal(logged(lines).length, 3)
})

test('looking at the queues says nothing of the store that its failures do not say, and no defect more than once a minute', async (t) => {
  const defect = new Error('a defect')
  for (const [failure, told] of [
    [full, []],
    [defect, ['a defect']],
  ] as const) {
    const state = failing()
    const clock = fakeClock()
    const server = await startTestServer(t, {}, { store: state.store, clock })
    state.failure = failure
    // One look of its own, and what is seen is to be saved at the end.
    clock.advance(10_000)
    await server.close()
    const said = server.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.includes('could not be watched'))
    assert.deepEqual(
      said.map(({ err }) => err.message),
      told,
    )
    assert.equal(logged(server.lines).length, failure === full ? 1 : 0)
  }
})

test('in process the store’s own words are told', async (t) => {
  const state = failing()
  const millrace = await openMillrace({ store: state.store })
  t.after(() => millrace.close())
  state.failure = full
  await assert.rejects(millrace.queue('q').send('x'), (error) => {
    assert.ok(isMillraceError(error, 'StoreUnavailable'))
    assert.equal(error.message, full.message)
    assert.equal(error.cause, full)
    assert.deepEqual(error.data, { retryable: true })
    return true
  })
})

test('a server that cannot start because of its store says why in the store’s own words, however far it came', async (t) => {
  const configuration = { ...file, queues: [{ name: 'configured' }] }
  let isStarted = false
  let commits = 0
  for (; !isStarted; commits++) {
    const memory = memoryStore()
    let left = commits
    const transact: Store['transact'] = (units) => (left-- > 0 ? memory.transact(units) : Promise.reject(full))
    await startTestServer(t, configuration, { store: { ...memory, transact } }).then(
      () => {
        isStarted = true
      },
      (error: unknown) => assert.equal(error, full),
    )
  }
  assert.ok(commits > 5, 'accounts and queues are written at the start')
})
