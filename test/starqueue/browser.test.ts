import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { launchChromium } from '../browser/chromium.ts'
import { startTestServer } from '../server/harness.ts'

/** A web site of its own: another port is another origin. */
const startSite = async (t: TestContext): Promise<string> => {
  const site = createServer((_request, answer) => {
    answer.setHeader('Content-Type', 'text/html')
    answer.end('<!doctype html><title>A page of somebody else</title>')
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  t.after(() => site.close())
  return `http://localhost:${(site.address() as AddressInfo).port}`
}

test('a page of another origin uses the API in a real browser', async (t) => {
  const server = await startTestServer(t)
  const browser = await launchChromium(t)
  if (!browser) return
  const page = await browser.newPage()
  await page.goto(await startSite(t))
  const seen = await page.evaluate(async (url) => {
    const call = async (path: string, fields: object, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${url}/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(fields),
      })
      const json = (await answer.json()) as Record<string, string> & {
        MessageReceiveResult?: { MessageBody: string; ReceiptHandle: string }[]
      }
      return { status: answer.status, json }
    }
    const made = (await call('accountcreate', { Version: 1, EmailAddress: '', recaptcha: '' })).json
    const byHeader = { AuthToken: made.AuthToken ?? '' }
    const place = `${made.accountid}/from a page`
    const sent = await call(`messagesend/${place}`, { MessageBody: btoa('from a browser') }, byHeader)
    const byBearer = { Authorization: `Bearer ${made.AuthToken}` }
    const received = await call(`messagereceive/${place}`, {}, byBearer)
    const [message] = received.json.MessageReceiveResult ?? []
    const deleted = await call(`messagedelete/${place}`, { ReceiptHandle: message?.ReceiptHandle }, byHeader)
    const listed = await call(`queueslist/${made.accountid}`, { AuthToken: made.AuthToken })
    const refused = await call(`messagesend/${place}`, { MessageBody: 'x' }, { AuthToken: 'wrong' })
    const invalid = await call(`messagesend/${place}`, { MessageBody: '?' }, byHeader)
    const missing = await call('nosuchthing/a/b', {})
    const wrongMethod = await fetch(`${url}/messagesend/${place}`).then((answer) => answer.status)
    const otherDoor = await fetch(`${url}/api/v1/queues`).then(
      () => 'answered',
      () => 'kept from the page',
    )
    return {
      origin: (globalThis as unknown as { location: { origin: string } }).location.origin,
      text: atob(message?.MessageBody ?? ''),
      statuses: [sent, received, deleted, refused, invalid, missing].map(({ status }) => status),
      listed: listed.json,
      wrongMethod,
      otherDoor,
    }
  }, server.url)
  assert.notEqual(seen.origin, server.url)
  assert.equal(seen.text, 'from a browser')
  assert.deepEqual(seen.statuses, [200, 200, 200, 403, 400, 404])
  assert.deepEqual(seen.listed, { QueuesListResult: [] })
  assert.equal(seen.wrongMethod, 405)
  assert.equal(seen.otherDoor, 'kept from the page', 'this browser does keep origins apart')
})
