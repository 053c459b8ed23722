// Messages become mails: a real server, and a mail server to hand them to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailCaller } from '../../src/push/mail-caller.ts'
import { startTestServer } from '../server/harness.ts'
import { startMailServer } from './mail-server.ts'

const from = 'Queues <queues@example.com>'

const caller = (url: string) => {
  const mails = mailCaller({ url, from })
  const call = (to: string, body: Uint8Array | string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    mails.call({ url: to, headers, body: Buffer.from(body), signal: signal ?? new AbortController().signal })
  return { call, close: () => mails.close() }
}

test('a call is a mail to one address, that says which message it is', async (t) => {
  const server = await startMailServer(t)
  const { call, close } = caller(server.url)
  t.after(close)
  const headers = {
    'X-Message-Id': '01b8',
    'x-queue-name': 'Gr%C3%BC%C3%9Fe',
    'Reply-To': 'desk@example.com',
    'Content-Type': 'application/json',
    Bcc: 'other@example.com',
    From: 'other@example.com',
    'X-Key': '7',
  }
  const answer = await call('mailto:ops@example.com?subject=To%20do', '{"n":1}\n.\nend', headers)
  assert.deepEqual(answer, { status: 250, retryAfter: undefined, text: '250 2.0.0 queued as 7' })
  await call('mailto:a%2Bb@example.com', new Uint8Array([0xff, 0xfe]), headers)
  const [first, second] = await server.until(2)
  assert.deepEqual(
    [first?.from, first?.to, first?.text],
    ['queues@example.com', ['ops@example.com'], '{"n":1}\n.\nend'],
  )
  const said = (name: string) => first?.headers.get(name)
  assert.deepEqual(['from', 'to', 'subject', 'reply-to', 'x-key', 'message-id', 'bcc', 'content-type'].map(said), [
    from,
    'ops@example.com',
    'To do',
    'desk@example.com',
    '7',
    '<01b8@example.com>',
    undefined,
    'text/plain; charset=utf-8',
  ])
  assert.deepEqual(second?.to, ['a+b@example.com'])
  assert.match(second?.headers.get('subject') ?? '', /^=\?UTF-8\?/i)
  assert.match(second?.text ?? '', /^\/\/4=$/m, 'bytes that are no text are attached')
})

test('what the mail server does not take has not been delivered, and the reason says what it said', async (t) => {
  const server = await startMailServer(t)
  const { call, close } = caller(server.url)
  t.after(close)
  server.refusals.push('550 5.1.1 no such mailbox')
  const refused = await call('mailto:a@example.com', 'x')
  assert.ok('error' in refused && refused.reached && refused.error.includes('550 5.1.1 no such mailbox'))
  assert.equal('status' in (await call('mailto:a@example.com', 'x')), true, 'the next one is taken')
  const cut = await call('mailto:a@example.com', 'x', {}, AbortSignal.abort())
  assert.ok('error' in cut)
  assert.equal(server.mails.length, 1)
})

test('a mail server that is not there has got nothing', async (t) => {
  const { call, close } = caller('smtp://127.0.0.1:1')
  t.after(close)
  const answer = await call('mailto:a@example.com', 'x')
  assert.ok('error' in answer && !answer.reached && answer.error.includes('ECONNREFUSED'))
})

test('a queue whose target is a mailbox has its messages mailed, again where the mail server refused', async (t) => {
  const mail = await startMailServer(t)
  const { url } = await startTestServer(t, { push: { mailServer: mail.url, mailFrom: from } })
  const request = async (method: string, path: string, body: object) => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })
    return { status: response.status, text: await response.text() }
  }
  mail.refusals.push('451 4.7.1 later')
  const push = { url: 'mailto:ops@example.com', retries: { max: 1, delaysMs: [0] } }
  assert.equal((await request('PUT', '/queues/alarms', { push })).status, 201)
  const sent = await request('POST', '/queues/alarms/messages', { what: 'Fire!' })
  assert.equal(sent.status, 201, sent.text)
  const [told] = await mail.until(1)
  assert.deepEqual(
    [told?.text, told?.headers.get('subject'), told?.headers.get('x-attempt')],
    ['{"what":"Fire!"}', 'Message in the queue alarms', '2'],
  )
})

test('without a mail server no target can be a mailbox, and one alone of the two settings is not enough', async (t) => {
  const { url } = await startTestServer(t)
  const response = await fetch(`${url}/api/v1/queues/alarms`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ push: { url: 'mailto:ops@example.com' } }),
  })
  assert.equal(response.status, 400)
  assert.match(await response.text(), /push\.mailServer/)
  await assert.rejects(startTestServer(t, { push: { mailServer: 'smtp://localhost' } }), /push\.mailFrom is missing/)
})
