import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createClient, type Millrace } from '../../src/client/index.ts'
import type { StartOptions } from '../../src/server/index.ts'
import { launchChromium } from '../browser/chromium.ts'
import { startTestServer, type TestServer } from '../server/harness.ts'
import { type Demo, fill } from './demo.ts'

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** For every test with a browser: on a machine with other things to do nothing is quick, and what goes wrong is seen either way. */
export const patient = { timeout: 300_000 }
const lookMs = 60_000

/** A page that may talk to the server only, and on which nothing goes wrong unseen. */
export const openPage = async (
  t: TestContext,
  browser: Browser,
  url: string,
  look: BrowserContextOptions = {},
): Promise<Page> => {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1360, height: 900 }, ...look })
  const page = await context.newPage()
  page.setDefaultTimeout(lookMs)
  const elsewhere: string[] = []
  const errors: string[] = []
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${url}/`)) elsewhere.push(request.url())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  t.after(async () => {
    await context.close()
    assert.deepEqual(elsewhere, [], 'no request leaves the origin of the server')
    assert.deepEqual(errors, [])
  })
  return page
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** WCAG 2.2 AA, as far as axe can tell. The policy of the page allows no script from outside, so it is evaluated. */
export const faultsOf = async (page: Page, what: string): Promise<string[]> => {
  await page.evaluate(axe)
  const violations = (await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  }).then(({ violations }) => violations)`)) as Violation[]
  return violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

export interface Bench {
  readonly browser: Browser
  readonly server: TestServer
  readonly url: string
  readonly page: Page
  readonly millrace: Millrace
}

interface BenchOptions {
  /** As in the configuration file. */
  readonly config?: object
  readonly start?: StartOptions
  readonly look?: BrowserContextOptions
}

/** A server, and a page of its own. Undefined where there is no browser. */
export const begin = async (
  t: TestContext,
  { config = {}, start = {}, look = {} }: BenchOptions = {},
): Promise<Bench | undefined> => {
  // What begins first ends first: no page sees its server go.
  const browser = await launchChromium(t)
  if (!browser) return undefined
  const server = await startTestServer(t, config, start)
  const millrace = createClient({ url: server.url })
  t.after(() => millrace.close())
  const page = await openPage(t, browser, server.url, look)
  return { browser, server, url: server.url, page, millrace }
}

/** With something to see. */
export const beginWithDemo = async (
  t: TestContext,
  look: BrowserContextOptions = {},
): Promise<(Bench & { readonly demo: Demo }) | undefined> => {
  let demo: Demo | undefined
  t.after(() => demo?.stop())
  const bench = await begin(t, { look })
  if (!bench) return undefined
  demo = await fill(bench.url)
  return { ...bench, demo }
}

export const open = (page: Page, url: string, queue: string, query = '') =>
  page.goto(`${url}/dashboard/queues/default/${queue}${query}`)

export const row = (page: Page, index: number) => page.locator(`tr[data-index="${index}"]`)

export const choose = async (page: Page, ...path: string[]) => {
  for (const name of path) await page.getByRole('menuitem', { name, exact: true }).click()
}

/** What a notice says. It goes away by itself, so it is looked for before that is done which brings it. */
export const noticeOf = async (page: Page, text: string | RegExp, act: () => Promise<unknown>): Promise<string> => {
  const [said] = await Promise.all([page.locator('.notice p', { hasText: text }).innerText(), act()])
  return said
}
