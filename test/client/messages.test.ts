import assert from 'node:assert/strict'
import { isMillraceError } from '../../src/client/index.ts'
import { inEveryForm } from './forms.ts'

inEveryForm('a message is sent, received and deleted', async ({ millrace, clock }) => {
  const queue = millrace.queue<{ order: number }>('orders')
  const sent = await queue.send({ order: 7 }, { priority: 3, attributes: { tenant: 'acme' } })
  assert.equal(sent.duplicate, false)
  assert.equal(sent.sentAt, clock.now())

  const [message] = await queue.receive({ maxMessages: 10, visibilityTimeoutMs: 60_000 })
  assert.ok(message)
  assert.equal(message.id, sent.id)
  assert.equal(message.queue, 'orders')
  assert.equal(message.group, 'default')
  assert.deepEqual(message.body, { order: 7 })
  assert.equal(message.text(), '{"order":7}')
  assert.deepEqual(message.attributes, { tenant: 'acme' })
  assert.equal(message.attributesText(), '{"tenant":"acme"}')
  assert.equal(message.contentType, 'application/json')
  assert.equal(message.priority, 3)
  assert.equal(message.receiveCount, 1)
  assert.equal(message.leasedUntil, clock.now() + 60_000)
  assert.equal(message.settled, false)

  const settled = await message.delete()
  assert.equal(settled.changed, true)
  assert.equal(settled.type, null)
  assert.equal(message.settled, true)
  assert.deepEqual(await queue.receive(), [])
  assert.equal((await message.delete()).changed, false)
})

inEveryForm('bodies come as they went', async ({ millrace }) => {
  const queue = millrace.queue('bodies')
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
  const bodies = [{ a: [1, 'ü', null] }, null, 0, false, [], 'text, ünï¢ode \u{1F600}', '', bytes, new Uint8Array()]
  const sent = await Promise.all(bodies.map((body) => queue.send(body)))
  const received = await queue.receive({ maxMessages: 20 })
  assert.deepEqual(
    received.map(({ id }) => id),
    sent.map(({ id }) => id),
  )
  assert.deepEqual(
    received.map(({ body }) => (body instanceof Uint8Array ? new Uint8Array(body) : body)),
    bodies,
  )
  assert.equal(received[5]?.contentType, 'text/plain; charset=utf-8')
  assert.equal(received[7]?.contentType, 'application/octet-stream')
  assert.deepEqual(new Uint8Array(received[7]?.bytes() ?? []), bytes)
})

inEveryForm('JSON text is kept to the letter', async ({ millrace }) => {
  const queue = millrace.queue('letters')
  const texts = [
    '{"n": 12345678901234567890, "b":1.0,"a":"\\u00e9"}',
    ' [1e400 ] ',
    '"\\"body\\":\\\\"',
    '12345678901234567890',
  ]
  for (const text of texts) await queue.send(text, { contentType: 'application/vnd.acme+json' })
  const received = await queue.receive({ maxMessages: 10 })
  assert.deepEqual(
    received.map((message) => message.text().trim()),
    texts.map((text) => text.trim()),
  )
  assert.deepEqual(received[2]?.body, '"body":\\')
  const stored = await queue.getMany(received.map(({ id }) => id))
  assert.deepEqual(
    stored.map((message) => new TextDecoder().decode(message.bytes()).trim()),
    texts.map((text) => text.trim()),
  )
})

inEveryForm('what cannot be a body is refused at once', async ({ millrace }) => {
  const queue = millrace.queue('bodies')
  const circle: Record<string, unknown> = {}
  circle.self = circle
  const wrong: [unknown, string | undefined][] = [
    [undefined, undefined],
    [() => 1, undefined],
    [1n, undefined],
    [circle, undefined],
    ['{"a":', 'application/json'],
    [new Uint8Array([0xff]), 'application/json'],
    [{}, 'text/plain'],
    ['half \ud800', undefined],
  ]
  for (const [body, contentType] of wrong) {
    await assert.rejects(queue.send(body, { contentType }), (error) => isMillraceError(error, 'InvalidBody'))
  }
  assert.deepEqual(await queue.receive(), [])
})

inEveryForm(
  'of sends that travel together only the wrong ones fail, and the others keep their order',
  async ({ millrace }) => {
    await millrace.queues.create('small', { maxMessageBytes: 100 })
    const queue = millrace.queue<string | number>('small')
    const wrong = new Set([3, 17, 18])
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, at) => queue.send(wrong.has(at) ? 'x'.repeat(101) : at)),
    )
    for (const [at, result] of results.entries()) {
      assert.equal(result.status, wrong.has(at) ? 'rejected' : 'fulfilled')
      if (result.status === 'rejected') assert.equal(result.reason.code, 'MessageTooLarge')
    }
    const received = await queue.receive({ maxMessages: 100 })
    assert.deepEqual(
      received.map(({ body }) => body),
      Array.from({ length: 30 }, (_, at) => at).filter((at) => !wrong.has(at)),
    )
  },
)

inEveryForm('a full queue takes what fits, in order', async ({ millrace }) => {
  await millrace.queues.create('full', { maxMessages: 10 })
  const queue = millrace.queue<number>('full')
  const results = await Promise.allSettled(Array.from({ length: 25 }, (_, at) => queue.send(at)))
  assert.deepEqual(
    results.map(({ status }) => status),
    Array.from({ length: 25 }, (_, at) => (at < 10 ? 'fulfilled' : 'rejected')),
  )
  assert.equal((await queue.info()).messages, 10)
})

inEveryForm('sendMany stores all or nothing', async ({ millrace }) => {
  await millrace.queues.create('small', { maxMessageBytes: 100 })
  const queue = millrace.queue<string>('small')
  assert.deepEqual(await queue.sendMany([]), [])
  await assert.rejects(queue.sendMany([{ body: 'fits' }, { body: 'x'.repeat(101) }]), (error) =>
    isMillraceError(error, 'MessageTooLarge'),
  )
  const sent = await queue.sendMany(Array.from({ length: 2500 }, (_, at) => ({ body: `${at}` })))
  assert.equal(new Set(sent.map(({ id }) => id)).size, 2500)
  assert.equal((await queue.info()).messages, 2500)
})

inEveryForm('sendMany that fails half way says what has been stored', async ({ millrace }) => {
  await millrace.queues.create('full', { maxMessages: 1500 })
  const queue = millrace.queue<number>('full')
  await assert.rejects(queue.sendMany(Array.from({ length: 2500 }, (_, at) => ({ body: at }))), (error) => {
    assert.ok(isMillraceError(error, 'QueueFull'))
    assert.equal((error.data.sent as string[]).length, 1000)
    return true
  })
})

inEveryForm('large bodies travel by themselves', async ({ millrace }) => {
  await millrace.queues.create('large', { maxMessageBytes: 8_000_000 })
  const queue = millrace.queue<string | Uint8Array>('large')
  const text = 'ü'.repeat(2_000_000)
  const bytes = new Uint8Array(3_000_000).fill(7)
  const options = { attributes: { name: 'Jürgen', raw: '\u2028"' }, priority: 2, contentType: 'text/x-large' }
  await Promise.all([queue.send(text, options), queue.send(bytes), queue.send('small')])
  const [first] = await queue.receive()
  assert.equal(first?.body, text)
  assert.deepEqual(first?.attributes, options.attributes)
  assert.equal(first?.contentType, 'text/x-large')
  const [second] = await queue.receive()
  assert.deepEqual(new Uint8Array(second?.bytes() ?? []), bytes)
})

inEveryForm('an idempotency key stores once', async ({ millrace }) => {
  const queue = millrace.queue<string>('once')
  const first = await queue.send('a', { idempotencyKey: 'k' })
  const second = await queue.send('a', { idempotencyKey: 'k' })
  assert.equal(first.id, second.id)
  assert.equal((await queue.info()).messages, 1)
  await assert.rejects(queue.send('b', { idempotencyKey: 'k' }), (error) =>
    isMillraceError(error, 'IdempotencyKeyReused'),
  )
})

inEveryForm('options of a message are kept', async ({ millrace, clock }) => {
  const queue = millrace.queue<string>('options')
  await queue.send('first', {
    delayMs: 1000,
    messageGroup: 'g',
    deduplicationId: 'd',
    clientId: 'c',
    retentionMs: 5000,
  })
  const again = await queue.send('again', { deduplicationId: 'd' })
  assert.equal(again.duplicate, true)
  assert.deepEqual(await queue.receive(), [])
  clock.advance(1000)
  const [message] = await queue.receive({ waitMs: 1000 })
  assert.equal(message?.messageGroup, 'g')
  assert.equal(message?.deduplicationId, 'd')
  assert.equal(message?.clientId, 'c')
  assert.equal(message?.expiresAt, (message?.sentAt ?? 0) + 5000)
})

inEveryForm('pop takes and deletes', async ({ millrace }) => {
  const queue = millrace.queue<number>('pop')
  await Promise.all([queue.send(1), queue.send(2)])
  const popped = await queue.pop({ maxMessages: 10 })
  assert.deepEqual(
    popped.map(({ body }) => body),
    [1, 2],
  )
  assert.equal('delete' in (popped[0] ?? {}), false)
  assert.deepEqual(await queue.pop(), [])
})

inEveryForm('refusals have code, data and a sentence', async ({ millrace }) => {
  await assert.rejects(millrace.queues.get('nowhere'), (error) => {
    assert.ok(isMillraceError(error, 'QueueNotFound'))
    assert.deepEqual(error.data, { queue: 'nowhere' })
    assert.match(error.message, /There is no queue named 'nowhere'/)
    return true
  })
  const queue = millrace.queue('nowhere')
  await assert.rejects(queue.send(1, { ifMissing: 'refuse' }), (error) => isMillraceError(error, 'QueueNotFound'))
  await assert.rejects(queue.receive({ ifMissing: 'refuse' }), (error) => isMillraceError(error, 'QueueNotFound'))
})

inEveryForm('bytes may be written to again once they have been sent', async ({ millrace }) => {
  const queue = millrace.queue<Uint8Array>('reuse')
  const bytes = new Uint8Array([1, 2, 3])
  await queue.send(bytes)
  bytes.fill(0)
  const [message] = await queue.receive()
  assert.deepEqual([...(message?.body ?? [])], [1, 2, 3])
})
