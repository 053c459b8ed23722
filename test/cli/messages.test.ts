import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startServer, temporaryDirectory } from './harness.ts'

const server = await startServer({ after })
const { run, start } = server
const ids = (records: readonly Record<string, unknown>[]) => records.map(({ id }) => id)

test('a message goes through: send, peek, receive, delete, status', async () => {
  const sent = await run(['send', 'orders', '{"order":7,"big":12345678901234567890}', '--attribute', 'tenant=acme'])
  assert.deepEqual([sent.code, sent.stderr], [0, ''])
  const [{ id, duplicate } = {}] = sent.records
  assert.equal(duplicate, false)

  const peeked = await run(['peek', 'orders'])
  assert.equal(peeked.code, 0)
  assert.match(peeked.stdout, /"body":\{"order":7,"big":12345678901234567890\}/)
  assert.deepEqual(peeked.records[0]?.attributes, { tenant: 'acme' })
  assert.equal((await run(['peek', 'orders', String(id)])).records[0]?.state, 'ready')

  const received = await run(['receive', 'orders', '--holder', 'a test'])
  const [message = {}] = received.records
  assert.deepEqual([received.code, message.id, message.receiveCount], [0, id, 1])
  assert.match((await run(['status', String(id), '--no-json'])).stdout, /held by a test/)

  const deleted = await run(['delete', 'orders', '--receipt', String(message.receiptHandle)])
  assert.deepEqual([deleted.code, deleted.records[0]?.deleted], [0, true])
  const status = await run(['status', String(id)])
  assert.match(status.stdout, /"outcome":"deleted"/)
})

test('messages come from lines of standard input, with their options', async () => {
  const input = [
    '{"body":[1,2.0],"priority":5,"attributes":{"n":1.0}}',
    '',
    '{"text":"two"}',
    '{"base64":"AP8="}',
    '',
  ].join('\n')
  const sent = await run(['send', 'lines', '--client-id', 'me'], { input })
  assert.deepEqual([sent.code, sent.records.length, sent.stderr], [0, 3, 'Sent 3 messages to lines.\n'])
  const { stdout, records } = await run(['receive', 'lines', '-n', '10', '--delete'])
  assert.match(stdout, /"body":\[1,2\.0\],"attributes":\{"n":1\.0\}/)
  assert.deepEqual(
    records.map(({ body, text, base64, priority, clientId }) => [body ?? text ?? base64, priority, clientId]),
    [
      [[1, 2], 5, 'me'],
      ['two', 0, 'me'],
      ['AP8=', 0, 'me'],
    ],
  )
  assert.equal((await run(['receive', 'lines'])).code, 3)
})

test('lines of text, lines of JSON, and a whole file are bodies too', async () => {
  await run(['send', 'bodies', '--lines', 'text'], { input: 'plain {"a":1}\n' })
  await run(['send', 'bodies', '--lines', 'json'], { input: '"a string"\n' })
  const file = join(temporaryDirectory({ after }), 'body.bin')
  writeFileSync(file, Uint8Array.of(0, 255, 10))
  await run(['send', 'bodies', '--body-file', file, '--content-type', 'image/x'])
  await run(['send', 'bodies', '--body-file', '-'], { input: Uint8Array.of(7) })
  const { records } = await run(['receive', 'bodies', '-n', '9', '--pop'])
  assert.deepEqual(
    records.map(({ body, text, base64, contentType, receiptHandle }) => [
      body ?? text ?? base64,
      contentType,
      receiptHandle,
    ]),
    [
      ['plain {"a":1}', 'text/plain; charset=utf-8', undefined],
      ['a string', 'application/json', undefined],
      ['AP8K', 'image/x', undefined],
      ['Bw==', 'application/octet-stream', undefined],
    ],
  )
})

test('a body is shown as the API shows it: text of no type, and XML', async () => {
  const url = `${server.url}/api/v1/queues/shown/messages`
  await fetch(url, { method: 'POST', body: Buffer.from('no type') })
  await run(['send', 'shown', '<a/>', '--content-type', 'application/xml'])
  const { stdout, records } = await run(['peek', 'shown'])
  assert.deepEqual(
    records.map(({ text }) => text),
    ['no type', '<a/>'],
    stdout,
  )
  assert.equal((await run(['receive', 'shown', '-n', '2', '--pop', '--bodies'])).stdout, 'no type\n<a/>\n')
})

test('a line is sent as soon as it comes', async () => {
  const sending = start(['send', 'stream', '--lines', 'text'])
  sending.process.stdin?.write('first\n')
  await sending.until(/"id"/)
  assert.equal((await run(['receive', 'stream', '--delete', '--bodies'])).stdout, 'first\n')
  sending.process.stdin?.end('second')
  const { code, records } = await sending.end()
  assert.deepEqual([code, records.length], [0, 2])
})

test('a line that is no message is named, and what came before it is sent', async () => {
  const cases: [line: string, problem: RegExp][] = [
    ['{', /line 2 is not JSON/],
    ['[1]', /line 2 is not a JSON object/],
    ['{"body":1,"text":"x"}', /line 2 must have exactly one/],
    ['{"body":1,"prio":1}', /line 2: 'prio' is not a member/],
    ['{"body":1,"priority":"high"}', /line 2: 'priority' must be a whole number/],
    ['{"base64":"?"}', /line 2: 'base64' is not base64/],
  ]
  for (const [line, problem] of cases) {
    const { code, stderr, records } = await run(['send', 'broken'], { input: `{"text":"good"}\n${line}\n` })
    assert.deepEqual([code, records.length], [2, 1], line)
    assert.match(stderr, problem)
    assert.match(stderr, /\(1 message was sent before\)/)
  }
})

test('a send with the same idempotency key stores nothing', async () => {
  const send = () => run(['send', 'once', 'a', 'b', '--idempotency-key', 'k1'])
  const [first, second] = [await send(), await send()]
  assert.deepEqual(ids(second.records), ids(first.records))
  assert.equal((await run(['peek', 'once'])).records.length, 2)
})

test('options of a message arrive', async () => {
  const options = [
    '--delay',
    '1h',
    '--priority',
    '-3',
    '--retention',
    '2h',
    '--message-group',
    'g',
    '--deduplication-id',
    'd',
  ]
  const sent = await run(['send', 'optional', 'x', ...options, '--attributes', '{"a":[1]}', '--attribute', 'b=2'])
  const [message = {}] = (await run(['peek', 'optional'])).records
  assert.deepEqual(
    [message.state, message.priority, message.messageGroup, message.deduplicationId, message.attributes],
    ['delayed', -3, 'g', 'd', { a: [1], b: '2' }],
  )
  const { sentAt } = sent.records[0] as { sentAt: number }
  assert.deepEqual([message.visibleAt, message.expiresAt], [sentAt + 3_600_000, sentAt + 7_200_000])
  assert.equal((await run(['send', 'optional', 'y', '--deduplication-id', 'd'])).records[0]?.duplicate, true)
})

test('delete takes what receive and peek write, and ids; it answers each', async () => {
  await run(['send', 'work', 'a', 'b', 'c'])
  const received = await run(['receive', 'work', '-n', '2'])
  const both = await run(['delete', 'work'], { input: received.stdout })
  assert.deepEqual([both.code, both.records.map(({ deleted }) => deleted)], [0, [true, true]])

  const [rest = {}] = (await run(['peek', 'work'])).records
  const mixed = await run(['delete', 'work', String(rest.id), '01b8a3d5c4000000000004d2'])
  assert.deepEqual([mixed.code, mixed.records.map(({ deleted }) => deleted)], [7, [true, false]])
  assert.equal((await run(['delete', 'work', String(rest.id)])).code, 3)
  assert.equal((await run(['delete', 'work'], { input: '{"receiptHandle":"nonsense"}\n' })).code, 2)
  assert.equal((await run(['delete', 'work'], { input: '{"no":"id"}\n' })).code, 2)
})

test('a message that somebody holds is deleted by id only by force', async () => {
  const { records } = await run(['send', 'held', 'x'])
  const id = String(records[0]?.id)
  await run(['receive', 'held'])
  const refused = await run(['delete', 'held', id])
  assert.deepEqual([refused.code, /"code":"MessageLeased"/.test(refused.stdout)], [6, true])
  assert.equal((await run(['delete', 'held', id, '--force'])).code, 0)
})

test('peek selects by state and order, and pages through what is more than a page', async () => {
  await run(['send', 'many', '--lines', 'text'], {
    input: Array.from({ length: 250 }, (_, index) => `m${index}\n`).join(''),
  })
  await run(['receive', 'many'])
  const texts = async (...options: string[]) =>
    (await run(['peek', 'many', ...options])).records.map(({ text }) => text)
  assert.equal((await texts('-n', '1000')).length, 249)
  assert.equal((await texts('-n', '1000', '--state', 'all')).length, 250)
  assert.deepEqual(await texts('-n', '2', '--newest'), ['m249', 'm248'])
  assert.deepEqual(await texts('--state', 'leased'), ['m0'])
  const [third] = (await run(['peek', 'many', '-n', '1', '--state', 'all'])).records
  assert.deepEqual(await texts('-n', '1', '--after', String(third?.id)), ['m1'])
})

test('people read tables and blocks, without escape sequences of the sender', async () => {
  await run(['send', 'people', 'a\u001b[31mb\nc'])
  const peeked = await run(['peek', 'people', '--no-json'])
  assert.match(peeked.stdout, /^ID +SENT +STATE +RECEIVES +PRIO +BODY\n[0-9a-f]{24} .* a\\u001b\[31mb\\nc\n$/)
  const received = await run(['receive', 'people', '--no-json', '--delete'])
  assert.match(received.stdout, /receipt handle {2}[0-9a-f-]{36}\n\na\\u001b\[31mb\nc\n/)
  const nothing = await run(['receive', 'people', '--no-json'])
  assert.deepEqual([nothing.code, nothing.stdout, nothing.stderr], [3, '', 'No message came from people.\n'])
  assert.equal((await run(['receive', 'people', '--quiet'])).stderr, '')
})
