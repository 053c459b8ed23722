import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type * as Altogic from 'altogic'
import { launchChromium } from '../browser/chromium.ts'
import { accountNamed, startTestServer } from '../server/harness.ts'

/** A web site of its own: another port is another origin. */
const startSite = async (t: TestContext): Promise<{ url: string; host: string }> => {
  const site = createServer((_request, answer) => {
    answer.setHeader('Content-Type', 'text/html')
    answer.end('<!doctype html><title>The page of an app</title>')
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  t.after(() => site.close())
  const host = `localhost:${(site.address() as AddressInfo).port}`
  return { url: `http://${host}`, host }
}

/** The client as its package has it for browsers. */
const bundle = join(createRequire(import.meta.url).resolve('altogic'), '../umd/altogic.js')
const keys = {
  page: 'a-key-for-this-page-only',
  session: 'a-key-that-wants-sessions',
  elsewhere: 'a-key-for-another-page',
}

test('the client works in a page of another origin, in a real browser', async (t) => {
  const browser = await launchChromium(t)
  if (!browser) return
  const site = await startSite(t)
  const client = { authorizedDomains: [site.host] }
  const server = await startTestServer(t, {
    accounts: [
      accountNamed(
        'shop',
        { id: 'page', secret: keys.page, client },
        { id: 'session', secret: keys.session, client: { ...client, enforceSession: true } },
        { id: 'elsewhere', secret: keys.elsewhere, client: { authorizedDomains: ['shop.example.com'] } },
      ),
    ],
    queues: [{ name: 'orders' }],
  })
  const page = await browser.newPage()
  await page.goto(site.url)
  await page.addScriptTag({ path: bundle })
  const seen = await page.evaluate(
    async ({ url, keys }) => {
      const { altogic } = globalThis as unknown as { altogic: typeof Altogic }
      const codes = ({ errors }: { errors: { items: unknown } | null }) =>
        errors ? (errors.items as { code: string }[]).map(({ code }) => code).join() : 'ok'
      const plain = altogic.createClient(url, keys.page)
      const sent = await plain.queue.submitMessage('orders', { from: 'a page' }, 0.5)
      const status = await plain.queue.getMessageStatus(sent.info?.messageId ?? '')
      const refusals = [
        await plain.queue.submitMessage('nothing', {}),
        await plain.queue.submitMessage('orders', 7 as never),
        await plain.queue.getMessageStatus('a/b'),
        await altogic.createClient(url, 'unknown').queue.getMessageStatus('x'),
        await altogic.createClient(url, keys.elsewhere).queue.getMessageStatus('x'),
      ]
      const app = altogic.createClient(url, keys.session)
      const before = await app.queue.submitMessage('orders', {})
      const { user, session, errors } = await app.auth.signUpWithEmail('page@example.com', 'secret')
      const during = await app.queue.submitMessage('orders', {})
      const again = altogic.createClient(url, keys.session)
      const kept = await again.queue.submitMessage('orders', {})
      const out = await app.auth.signOut()
      const after = await again.queue.submitMessage('orders', {})
      return {
        origin: (globalThis as unknown as { location: { origin: string } }).location.origin,
        sent: sent.info,
        status: status.info,
        refusals: refusals.map(codes),
        email: user?.email,
        family: (session as unknown as { userAgent: { family: string } } | null)?.userAgent.family,
        sessions: [before, { errors }, during, kept, out, after].map((answer) => codes(answer as never)),
      }
    },
    { url: server.url, keys },
  )
  assert.equal(seen.origin, site.url)
  assert.equal(seen.sent?.status, 'pending')
  assert.deepEqual(seen.status, seen.sent)
  assert.deepEqual(seen.refusals, [
    'queue_not_found',
    'validation_error',
    'resource_not_found',
    'invalid_client_key',
    'domain_not_authorized',
  ])
  assert.equal(seen.email, 'page@example.com')
  assert.match(seen.family ?? '', /Chrom/)
  assert.deepEqual(seen.sessions, ['missing_session_token', 'ok', 'ok', 'ok', 'ok', 'invalid_session_token'])
})
