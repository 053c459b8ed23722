// `node test/dashboard/screenshots.ts [DIR] [--all]`: a picture of every screen, into docs/dashboard or DIR; with --all in dark and
// at the width of a phone too.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { parseConfig } from '../../src/server/config/parse.ts'
import { startServer } from '../../src/server/index.ts'
import { startChromium } from '../browser/chromium.ts'
import { fill } from './demo.ts'

const [given] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const everything = process.argv.includes('--all')
const out = resolve(given ?? join(import.meta.dirname, '../../docs/dashboard'))
mkdirSync(out, { recursive: true })

const data = mkdtempSync(join(tmpdir(), 'millrace-screens-'))
const serverOver = (folder: string, settings: object) => {
  const directory = join(data, folder)
  mkdirSync(directory)
  const text = JSON.stringify({ port: 0, data: directory, log: { level: 'error' }, ...settings })
  return startServer(parseConfig({ file: { name: 'screens.json', text, directory }, workingDirectory: directory }))
}
const server = await serverOver('open', {})
const closed = await serverOver('closed', {
  accounts: [{ name: 'shop', keys: [{ id: 'shop', secret: 'not-a-secret-at-all', scopes: ['manage'] }] }],
})
const browser = await startChromium()
if (typeof browser === 'string') throw new Error(browser)
const demo = await fill(server.url)

const queue = '/dashboard/queues/default/lab-results'
const screens: Record<string, (page: Page) => Promise<void>> = {
  overview: async (page) => {
    await page.goto(`${server.url}/`)
    await page.getByRole('link', { name: 'lab-results' }).first().waitFor()
    await page.waitForTimeout(everything ? 2500 : 40_000)
  },
  queue: async (page) => {
    await page.goto(`${server.url}${queue}?sort=oldest`)
    await page.locator('tr[data-index="2"]').click()
    await page.waitForTimeout(1500)
  },
  delayed: async (page) => {
    await page.goto(`${server.url}${queue}?type=D`)
    // Where the menu leaves the columns of delayed messages in view.
    await page.locator('tr[data-index="1"]').click({ button: 'right', position: { x: 180, y: 16 } })
    await page.waitForTimeout(1500)
  },
  reprocess: async (page) => {
    await page.goto(`${server.url}${queue}?type=D`)
    await page.locator('tr[data-index="1"]').click()
    await page.locator('tr[data-index="3"]').click({ modifiers: ['Shift'] })
    await page.locator('tr[data-index="3"]').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Reprocess selected…' }).click()
    await page.waitForTimeout(700)
  },
  settings: async (page) => {
    await page.goto(server.url + queue)
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.waitForTimeout(700)
  },
  message: async (page) => {
    await page.goto(`${server.url}/dashboard/messages/default/${demo.message}`)
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await page.waitForTimeout(700)
  },
  send: async (page) => {
    await page.goto(`${server.url}/dashboard/queues/default/sign-ups/send`)
    await page.getByRole('button', { name: 'Send' }).waitFor()
    await page.waitForTimeout(500)
  },
  tail: async (page) => {
    await page.goto(`${server.url}/dashboard/queues/default/mail/tail`)
    await page.waitForTimeout(3500)
  },
  charts: async (page) => {
    await page.goto(`${server.url}/dashboard/queues/default/mail/charts`)
    await page.waitForTimeout(1500)
  },
  readers: async (page) => {
    await page.goto(`${server.url}${queue}/readers`)
    await page.waitForTimeout(1500)
  },
  'sign-in': async (page) => {
    await page.goto(`${closed.url}/`)
    await page.getByLabel('Access key').waitFor()
    await page.waitForTimeout(500)
  },
  accounts: async (page) => {
    await page.goto(`${server.url}/dashboard/accounts`)
    await page.waitForTimeout(800)
  },
}

const desktop = { viewport: { width: 1500, height: 860 }, locale: 'en-GB' }
const looks: Record<string, Parameters<typeof browser.newPage>[0]> = {
  light: { ...desktop, colorScheme: 'light' },
  ...(everything && {
    dark: { ...desktop, colorScheme: 'dark' },
    phone: { ...desktop, colorScheme: 'light', viewport: { width: 390, height: 844 } },
  }),
}

for (const [look, options] of Object.entries(looks)) {
  const page = await browser.newPage(options)
  page.setDefaultTimeout(8000)
  page.on('console', (message) => message.type() === 'error' && console.error(look, message.text()))
  page.on('pageerror', (error) => console.error(look, error))
  for (const [name, open] of Object.entries(screens)) {
    await open(page).catch((error: unknown) => console.error(name, look, String(error).slice(0, 500)))
    await page.screenshot({ path: join(out, everything ? `${name}-${look}.png` : `${name}.png`) })
  }
  await page.close()
}

await demo.stop()
await browser.close()
await server.close()
await closed.close()
rmSync(data, { recursive: true, force: true })
