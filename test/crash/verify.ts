/** After a restart, with nobody else about: whether everything is as it was acknowledged. */
import assert from 'node:assert/strict'
import type { SeededRandom } from '../../src/testing/index.ts'
import { checkContent, type Entry, type Ledger, type Received, type SendRequest, type Stored } from './ledger.ts'
import type { Connection } from './server-process.ts'

const allStates = 'ready,behind,delayed,leased,finished'

export const verify = async (
  ledger: Ledger,
  connection: Connection,
  queues: readonly string[],
  random: SeededRandom,
): Promise<void> => {
  for (const queue of queues) {
    // What falls due while it is being read may be seen before or after.
    const before = Date.now()
    const stored = await browseAll(connection, queue)
    const after = Date.now()
    adoptLostSends(ledger, queue, stored)
    compare(ledger, queue, stored, before, after)
    await checkCounts(connection, queue)
  }
  ledger.lostReceives.clear()
  await repeatLostSends(ledger, connection)
  await checkOrder(ledger, connection, 'fifo')
  await checkGone(ledger, connection, random)
  await checkDuplicates(ledger, connection, random)
}

const browseAll = async (connection: Connection, queue: string): Promise<Map<string, Stored>> => {
  const stored = new Map<string, Stored>()
  for (let marker: string | null = ''; marker !== null; ) {
    const query = `limit=1000&states=${allStates}${marker === '' ? '' : `&marker=${marker}`}`
    const { status, body } = await connection.call('GET', `/queues/${queue}/messages?${query}`)
    assert.equal(status, 200)
    const messages = body.messages as readonly Stored[]
    for (const message of messages) stored.set(message.id, message)
    marker = messages.length === 0 ? null : (body.marker as string)
  }
  return stored
}

/** A send whose answer was lost is there as a whole, exactly as sent, or not at all. */
const adoptLostSends = (ledger: Ledger, queue: string, stored: ReadonlyMap<string, Stored>): void => {
  const unknown = new Map<string, Stored>()
  for (const message of stored.values()) if (!ledger.entries.has(message.id)) unknown.set(message.base64, message)
  for (const request of ledger.lostSends) {
    if (request.queue !== queue) continue
    const expected = request.messages.filter((sent) => !isTaken(ledger, queue, sent, request))
    const found = expected.filter(({ base64 }) => unknown.has(base64))
    assert.ok(
      found.length === 0 || found.length === expected.length,
      `${found.length} of ${expected.length} were stored`,
    )
    for (const sent of found) {
      const message = unknown.get(sent.base64)!
      unknown.delete(sent.base64)
      checkContent(ledger.add(queue, sent, message), message)
    }
  }
  assert.deepEqual([...unknown.values()], [], `messages in ${queue} that nobody sent`)
}

/** Whether a message of the request is a duplicate of one sent before, or of one in the same request. */
const isTaken = (ledger: Ledger, queue: string, sent: Sent, request: SendRequest): boolean => {
  const { deduplicationId } = sent
  if (deduplicationId === undefined) return false
  const first = request.messages.find((other) => other.deduplicationId === deduplicationId)
  return first !== sent || ledger.reservations.has(`${queue} ${deduplicationId}`)
}

type Sent = SendRequest['messages'][number]

const compare = (
  ledger: Ledger,
  queue: string,
  stored: ReadonlyMap<string, Stored>,
  before: number,
  after: number,
): void => {
  let lostReceives = ledger.lostReceives.get(queue) ?? 0
  for (const entry of ledger.entries.values()) {
    if (entry.queue !== queue) continue
    const message = stored.get(entry.id)
    if (entry.isGone) {
      assert.equal(message, undefined, `${entry.id} is there though its deletion was acknowledged`)
      continue
    }
    if (!message) {
      assert.equal(entry.doubt?.action.do, 'delete', `${entry.id} is lost`)
      entry.isGone = true
      continue
    }
    checkContent(entry, message)
    settleDoubt(entry, message, after)
    const more = message.receiveCount - entry.receives
    if (more === 1) {
      assert.ok(lostReceives-- > 0, `${entry.id} was received once more than anybody asked for`)
      const wasFree = entry.lease === null || entry.lease.until <= after
      assert.ok(wasFree, `${entry.id} was received by somebody else during a lease`)
      entry.receives = message.receiveCount
      entry.lease = message.state === 'leased' ? { handle: null, until: message.visibleAt ?? 0 } : null
      entry.hidden = null
    }
    checkState(entry, message, before, after)
  }
}

/** A settlement that was under way was carried out or not; from now on it is known which. */
const settleDoubt = (entry: Entry, message: Stored, now: number): void => {
  const { doubt, lease } = entry
  entry.doubt = null
  if (!doubt || lease === null || lease.handle !== doubt.handle) return
  const { action } = doubt
  const visibleAt = message.visibleAt ?? 0
  const mayBe = (ms: number) => visibleAt >= doubt.from + ms && visibleAt <= doubt.to + ms
  if (action.do === 'extend') {
    const isOver = visibleAt === 0 && doubt.from + action.visibilityTimeoutMs <= now
    if (isOver) entry.lease = null
    else if (visibleAt !== lease.until && mayBe(action.visibilityTimeoutMs)) {
      entry.lease = { handle: lease.handle, until: visibleAt }
    }
  } else if (action.do === 'release' && (message.state !== 'leased' || message.receiveCount > entry.receives)) {
    entry.lease = null
  } else if (action.do === 'reprocess' && message.reprocessCount === entry.reprocesses + 1) {
    assert.ok(message.type === 'Q' || mayBe(action.delayMs), `${entry.id} is put aside until ${visibleAt}`)
    entry.reprocesses++
    entry.lease = null
    if (message.type === 'D') entry.hidden = { type: 'D', until: visibleAt }
  }
}

const checkState = (entry: Entry, message: Stored, before: number, after: number): void => {
  const { id, lease, hidden } = entry
  const counts = [message.receiveCount, message.reprocessCount]
  assert.deepEqual(counts, [entry.receives, entry.reprocesses], `receives and reprocesses of ${id}`)
  const until = lease?.until ?? hidden?.until ?? 0
  const isVisible = message.state === 'ready' || message.state === 'behind'
  if (until <= before) assert.ok(isVisible, `${id} is ${message.state}, though it has been visible since ${until}`)
  if (until > after || !isVisible) {
    const type = lease ? 'Q' : (hidden?.type ?? 'Q')
    assert.deepEqual(
      [message.state, message.type, message.visibleAt],
      [lease ? 'leased' : 'delayed', type, until],
      `state of ${id}, to be visible at ${until}`,
    )
  }
  if (until <= after && isVisible) {
    entry.lease = null
    entry.hidden = null
  }
}

/** The counts are those of a scan. What falls due meanwhile changes them; then both are made again. */
const checkCounts = async (connection: Connection, queue: string): Promise<void> => {
  const view = await viewOf(connection, queue)
  const stored = await browseAll(connection, queue)
  if (JSON.stringify(await viewOf(connection, queue)) !== JSON.stringify(view)) return checkCounts(connection, queue)
  const counts: Record<string, number> = { ready: 0, behind: 0, delayed: 0, leased: 0, reprocessing: 0 }
  for (const { state, type } of stored.values()) counts[type === 'D' ? 'reprocessing' : state]!++
  const shown = Object.fromEntries(Object.keys(counts).map((state) => [state, view?.counts[state] ?? 0]))
  assert.deepEqual([shown, view?.messages ?? 0], [counts, stored.size], `counts of ${queue}`)
}

/** Undefined: a virtual queue without messages. */
const viewOf = async (connection: Connection, queue: string) => {
  const { status, body } = await connection.call('GET', `/queues/${queue}`)
  assert.ok(status === 200 || status === 404)
  return status === 200 ? (body as { counts: Record<string, number>; messages: number }) : undefined
}

/** Asked again with their idempotency keys, requests whose answers were lost are carried out once in all. */
const repeatLostSends = async (ledger: Ledger, connection: Connection): Promise<void> => {
  for (const request of ledger.lostSends.splice(0)) {
    const headers = { 'Idempotency-Key': request.key }
    const { status, body } = await connection.call(
      'POST',
      `/queues/${request.queue}/messages/batch`,
      batchOf(request),
      headers,
    )
    assert.equal(status, 201)
    const answers = body.messages as { id: string; position: number; sentAt: number; duplicate: boolean }[]
    request.messages.forEach((sent, index) => {
      const { id, position, sentAt } = answers[index]!
      const stored = [...ledger.entries.values()].find((entry) => entry.sent === sent)
      const taken = ledger.reservations.get(`${request.queue} ${sent.deduplicationId}`)
      const known = stored?.id ?? (sent.deduplicationId === undefined ? undefined : taken?.id)
      if (known !== undefined) assert.equal(id, known, 'the answer that was lost')
      else ledger.add(request.queue, sent, { id, position, sentAt })
    })
  }
}

/** Of each message group the oldest come, and none behind one that is in work, delayed or not handed out. */
const checkOrder = async (ledger: Ledger, connection: Connection, queue: string): Promise<void> => {
  const maxMessages = 10
  const before = Date.now()
  const request = { maxMessages, visibilityTimeoutMs: 3_600_000, waitMs: 0 }
  const { body } = await connection.call('POST', `/queues/${queue}/receive`, request)
  const received = body.messages as readonly Received[]
  const entries = ledger.live(queue).sort((a, b) => a.position - b.position)
  const until = (entry: Entry) => entry.lease?.until ?? entry.hidden?.until ?? 0
  const isClear = entries.every((entry) => until(entry) <= before || until(entry) > Date.now())
  const groups = Map.groupBy(entries, ({ sent }) => sent.messageGroup)
  let available = 0
  let begun = 0
  for (const group of groups.values()) {
    const hidden = group.findIndex((entry) => until(entry) > before)
    const run = group.slice(0, hidden === -1 ? group.length : hidden).map(({ id }) => id)
    const got = received.filter(({ messageGroup }) => messageGroup === group[0]?.sent.messageGroup).map(({ id }) => id)
    available += run.length
    if (got.length > 0 && got.length < run.length) begun++
    if (isClear) assert.deepEqual(got, run.slice(0, got.length), `messages of ${queue} in order`)
  }
  if (isClear) assert.equal(received.length, Math.min(maxMessages, available), `messages to be had from ${queue}`)
  if (isClear) assert.ok(begun <= 1, 'one message group is drained before the next')
  for (const message of received) ledger.received(message)
}

const checkGone = async (ledger: Ledger, connection: Connection, random: SeededRandom): Promise<void> => {
  const gone = [...ledger.entries.values()].filter(({ isGone }) => isGone)
  for (let i = 0; i < 5 && gone.length > 0; i++) {
    const { id } = random.pick(gone)
    const { status, body } = await connection.call('GET', `/messages/${id}`)
    assert.deepEqual([status, body?.ended?.outcome], [200, 'deleted'], `history of ${id}`)
  }
}

/** Duplicate windows are as they were. */
const checkDuplicates = async (ledger: Ledger, connection: Connection, random: SeededRandom): Promise<void> => {
  const taken = [...ledger.reservations.values()]
  for (let i = 0; i < 5 && taken.length > 0; i++) {
    const { queue, sent, id } = random.pick(taken)
    const { body } = await connection.call('POST', `/queues/${queue}/messages/batch`, batchOf({ messages: [sent] }))
    assert.deepEqual([body.messages[0].duplicate, body.messages[0].id], [true, id], `duplicate of ${id}`)
  }
}

export const batchOf = ({ messages }: { messages: readonly Sent[] }) => ({ messages })
