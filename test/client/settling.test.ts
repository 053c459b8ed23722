import assert from 'node:assert/strict'
import { isMillraceError } from '../../src/client/index.ts'
import { inEveryForm } from './forms.ts'

inEveryForm('a lease is extended, and released', async ({ millrace, clock }) => {
  const queue = millrace.queue<string>('leases')
  await queue.send('a')
  const [message] = await queue.receive({ visibilityTimeoutMs: 10_000 })
  assert.ok(message)
  clock.advance(9_000)
  const extended = await message.extend(10_000)
  assert.equal(extended.visibleAt, clock.now() + 10_000)
  assert.equal(message.leasedUntil, clock.now() + 10_000)
  clock.advance(9_000)
  assert.deepEqual(await queue.receive(), [])

  const released = await message.release({ failed: false, reason: 'not now' })
  assert.equal(released.type, 'Q')
  const [again] = await queue.receive()
  assert.equal(again?.id, message.id)
  assert.equal(again?.receiveCount, 1)
})

inEveryForm('a message is put aside for later', async ({ millrace, clock }) => {
  const queue = millrace.queue<string>('later')
  await queue.send('a')
  const [message] = await queue.receive()
  const settled = await message?.reprocess(5000, { reason: 'too early' })
  assert.equal(settled?.type, 'D')
  assert.equal(settled?.reprocessCount, 1)
  assert.deepEqual(await queue.receive(), [])
  const stored = await queue.get(message?.id ?? '')
  assert.equal(stored?.state, 'delayed')
  assert.equal(stored?.reason, 'too early')
  clock.advance(5000)
  const [again] = await queue.receive({ waitMs: 1000 })
  assert.equal(again?.reprocessCount, 1)
})

inEveryForm('a message is finished, and kept as the queue says', async ({ millrace }) => {
  await millrace.queues.create('kept', { keepFinished: 'message' })
  const queue = millrace.queue<string>('kept')
  const kinds = ['processed', 'errored', 'filtered', 'shelved'] as const
  for (const kind of kinds) await queue.send(kind)
  for (const kind of kinds) {
    const [message] = await queue.receive()
    await message?.finish(kind, { reason: `why ${kind}`, outbound: 'out' })
  }
  const { messages } = await queue.browse({ states: ['finished'] })
  assert.deepEqual(
    messages.map(({ body, type, reason, outbound }) => [body, type, reason, outbound]),
    [
      ['processed', 'P', 'why processed', 'out'],
      ['errored', 'E', 'why errored', 'out'],
      ['filtered', 'F', 'why filtered', 'out'],
      ['shelved', 'S', 'why shelved', 'out'],
    ],
  )
})

inEveryForm('a message is dead lettered, and driven back', async ({ millrace }) => {
  await millrace.queues.create('failed')
  await millrace.queues.create('work', { deadLetterQueue: 'failed' })
  const queue = millrace.queue<string>('work')
  await queue.send('a')
  const [message] = await queue.receive()
  await message?.deadLetter({ reason: 'poison' })
  const failed = millrace.queue<string>('failed')
  const { messages } = await failed.browse()
  assert.equal(messages[0]?.id, message?.id)
  assert.equal(messages[0]?.deadLetterSource?.queue, 'work')
  assert.equal(messages[0]?.deadLetterSource?.reason, 'poison')

  const task = await failed.redrive()
  assert.equal(task.kind, 'redrive')
  for (let seen = task; seen.state === 'running'; ) seen = await millrace.tasks.get(task.id)
  assert.equal((await millrace.tasks.list({ queue: 'failed' }))[0]?.changed, 1)
  assert.equal((await queue.receive())[0]?.id, message?.id)
})

inEveryForm('what settles together is answered one by one', async ({ millrace, clock }) => {
  const queue = millrace.queue<number>('settle')
  await queue.sendMany(Array.from({ length: 6 }, (_, body) => ({ body })))
  const messages = await queue.receive({ maxMessages: 6, visibilityTimeoutMs: 1000 })
  clock.advance(1000)
  // Somebody else has the first two now.
  await queue.receive({ maxMessages: 2 })
  const [lost, alsoLost, deleted, extended, wrong, released] = messages
  const results = await Promise.allSettled([
    lost?.delete(),
    alsoLost?.extend(1000),
    deleted?.delete(),
    extended?.extend(1000),
    wrong?.extend(-1),
    released?.release(),
  ])
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok')),
    ['LeaseLost', 'LeaseLost', 'ok', 'ok', results[4]?.status === 'rejected' ? results[4].reason.code : '', 'ok'],
  )
  assert.ok(
    ['ArgumentInvalid', 'InvalidRequest'].includes(results[4]?.status === 'rejected' ? results[4].reason.code : ''),
  )
  assert.equal(lost?.settled, false)
  assert.equal(deleted?.settled, true)
})

inEveryForm('a message that another process received is deleted by its receipt handle', async ({ millrace, clock }) => {
  const queue = millrace.queue<string>('receipts')
  await queue.sendMany([{ body: 'a' }, { body: 'b' }])
  const [a, b] = await queue.receive({ maxMessages: 2, visibilityTimeoutMs: 1000 })
  assert.equal((await queue.deleteByReceipt(a?.receiptHandle ?? '')).changed, true)
  assert.equal((await queue.deleteByReceipt(a?.receiptHandle ?? '')).changed, false)
  await assert.rejects(queue.deleteByReceipt('nonsense'), (error) => isMillraceError(error, 'ReceiptHandleInvalid'))
  clock.advance(1000)
  await queue.receive()
  await assert.rejects(queue.deleteByReceipt(b?.receiptHandle ?? ''), (error) => isMillraceError(error, 'LeaseLost'))
})

inEveryForm('messages are seen and deleted by id', async ({ millrace }) => {
  const queue = millrace.queue<number>('look')
  const sent = await queue.sendMany(
    Array.from({ length: 25 }, (_, body) => ({ body, clientId: body % 2 ? 'odd' : 'even' })),
  )
  const first = await queue.browse({ limit: 20 })
  const second = await queue.browse({ limit: 20, marker: first.marker ?? '' })
  assert.deepEqual(
    [...first.messages, ...second.messages].map(({ body }) => body),
    Array.from({ length: 25 }, (_, at) => at),
  )
  const odd = await queue.browse({ limit: 3, exceptClientId: 'even', newestFirst: true })
  assert.deepEqual(
    odd.messages.map(({ body }) => body),
    [23, 21, 19],
  )
  assert.equal(first.messages[0]?.state, 'ready')
  const [leased] = await queue.receive()
  assert.equal((await queue.browse({ states: ['leased'] })).messages[0]?.id, leased?.id)

  const id = sent[3]?.id ?? ''
  assert.equal((await queue.get(id))?.body, 3)
  assert.equal(await queue.get('0'.repeat(24)), null)
  assert.deepEqual(
    (await queue.getMany([sent[5]?.id ?? '', 'nothing', sent[4]?.id ?? ''])).map(({ body }) => body),
    [5, 4],
  )
  const results = await Promise.allSettled([
    queue.deleteById(id),
    queue.deleteById(sent[4]?.id ?? ''),
    queue.deleteById(leased?.id ?? ''),
  ])
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? result.reason.code : result.value.changed)),
    [true, true, 'MessageLeased'],
  )
  assert.equal((await queue.deleteById(leased?.id ?? '', { leased: 'anyway' })).changed, true)
  assert.equal((await queue.deleteById(id)).changed, false)
  assert.equal(await queue.get(id), null)
})

inEveryForm('the fate of a message can be read', async ({ millrace }) => {
  const queue = millrace.queue<string>('fate')
  const { id } = await queue.send('a', { delayMs: 0 })
  const waiting = await millrace.status(id)
  assert.equal(waiting?.queue, 'fate')
  assert.equal(waiting?.ended, null)
  const [message] = await queue.receive()
  await message?.delete()
  assert.equal((await millrace.status(id))?.ended?.outcome, 'deleted')
  assert.equal(await millrace.status('0'.repeat(24)), null)
})

inEveryForm('several messages are claimed, renewed, deleted and released', async ({ millrace, clock }) => {
  const queue = millrace.queue<number>('claims')
  assert.equal(await queue.claims.create({ ttlMs: 1000 }), null)
  await queue.sendMany([{ body: 1 }, { body: 2 }, { body: 3 }])
  const claim = await queue.claims.create({ ttlMs: 60_000, graceMs: 1000, maxMessages: 2 })
  assert.ok(claim)
  assert.equal(claim.expiresAt, clock.now() + 60_000)
  assert.deepEqual(
    claim.messages.map(({ body }) => body),
    [1, 2],
  )
  assert.equal(claim.messages[0]?.claim, claim.id)
  await claim.messages[0]?.delete()
  const renewed = await queue.claims.renew(claim.id, { ttlMs: 120_000 })
  assert.equal(renewed.ttlMs, 120_000)
  assert.equal((await queue.claims.get(claim.id)).messages.length, 1)
  assert.equal(await queue.claims.release(claim.id), true)
  assert.equal(await queue.claims.release(claim.id), false)
  await assert.rejects(queue.claims.get(claim.id), (error) => isMillraceError(error, 'ClaimNotFound'))
  assert.deepEqual(
    (await queue.receive({ maxMessages: 5 })).map(({ body }) => body),
    [2, 3],
  )
})
