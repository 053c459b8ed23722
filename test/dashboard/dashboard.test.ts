import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millrace } from '../../src/client/index.ts'
import { accountNamed, tokenOf } from '../server/harness.ts'
import { begin, beginWithDemo, faultsOf, noticeOf, open, openPage, patient, row } from './harness.ts'

const queue = '/dashboard/queues/default/lab-results'

test('every screen is accessible, light and dark, and none asks anybody else', { timeout: 600_000 }, async (t) => {
  const bench = await beginWithDemo(t)
  if (!bench) return
  const { browser, url, demo } = bench
  const screens: readonly (readonly [address: string, heading: string])[] = [
    ['/', 'Overview'],
    [queue, 'lab-results'],
    [`${queue}/readers`, 'Groups'],
    ['/dashboard/queues/default/mail/charts', 'Depth'],
    ['/dashboard/queues/default/mail/tail', 'Live tail'],
    ['/dashboard/queues/default/sign-ups/send', 'Send a message'],
    [`/dashboard/messages/default/${demo.message}`, 'History'],
    ['/dashboard/charts', 'Charts'],
    ['/dashboard/accounts', 'Accounts and keys'],
  ]
  const faults: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await openPage(t, browser, url, { colorScheme })
    for (const [address, heading] of screens) {
      await page.goto(url + address)
      await page.getByRole('heading', { name: heading, exact: true }).first().waitFor()
      await page.getByText('Live', { exact: true }).waitFor()
      faults.push(...(await faultsOf(page, `${address} in ${colorScheme}`)))
    }
    await page.goto(`${url}${queue}?type=D`)
    await row(page, 0).click({ button: 'right' })
    await page.getByRole('menu').waitFor()
    faults.push(...(await faultsOf(page, `the menu in ${colorScheme}`)))
    await page.getByRole('menuitem', { name: 'Reprocess selected…' }).click()
    await page.getByRole('dialog').waitFor()
    faults.push(...(await faultsOf(page, `the dialog in ${colorScheme}`)))
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('dialog').waitFor()
    faults.push(...(await faultsOf(page, `the settings in ${colorScheme}`)))
    await page.keyboard.press('Escape')
    for (const entry of ['View message…', 'View history', 'Export selected…', 'Import…', 'Purge selected…']) {
      await row(page, 0).click({ button: 'right' })
      await page.getByRole('menuitem', { name: entry }).click()
      await page.getByRole('dialog').waitFor()
      faults.push(...(await faultsOf(page, `${entry} in ${colorScheme}`)))
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    for (const [address, button] of [
      ['/', 'New queue'],
      [queue, 'Delete…'],
      ['/dashboard/queues/default/events', 'Redrive…'],
      ['/dashboard/accounts', 'New account'],
      ['/dashboard/accounts', 'New key'],
      ['/dashboard/accounts', 'Delete account…'],
    ] as const) {
      await page.goto(url + address)
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('dialog').waitFor()
      faults.push(...(await faultsOf(page, `${button} in ${colorScheme}`)))
    }
  }
  assert.deepEqual(faults, [])
})

test('what needs attention leads to where it is seen', patient, async (t) => {
  const bench = await beginWithDemo(t)
  if (!bench) return
  const { page, url } = bench
  await page.goto(url)
  const concerns = page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem')
  for (const [kind, name] of [
    ['Push', 'webhooks'],
    ['Dead letters', 'events'],
    ['Dead letters', 'orders-failed'],
    ['Errors', 'lab-results'],
    ['Paused', 'nightly-export'],
  ] as const) {
    await concerns.filter({ hasText: kind }).getByRole('link', { name }).waitFor()
  }
  await concerns.getByRole('link', { name: 'lab-results' }).click()
  await row(page, 0).getByTitle('Errored', { exact: true }).waitFor()
  assert.match(page.url(), /lab-results\?type=E$/)
})

test('in a locale that the browser does not know itself, every screen is there', patient, async (t) => {
  const bench = await beginWithDemo(t)
  if (!bench) return
  const { page, url } = bench
  // As with LANG=C.
  const language = { value: 'en-US@posix', configurable: true }
  await page.addInitScript(`Object.defineProperty(navigator, 'language', ${JSON.stringify(language)})`)
  await page.goto(url)
  await page.getByRole('link', { name: 'lab-results' }).first().waitFor()
  await page.goto(`${url}/dashboard/queues/default/mail/charts`)
  await page.locator('.plot canvas').first().waitFor()
})

test('at the width of a phone nothing hangs over the edge', patient, async (t) => {
  const bench = await beginWithDemo(t, { viewport: { width: 390, height: 844 }, hasTouch: true })
  if (!bench) return
  const { page, url, demo } = bench
  for (const address of ['/', queue, `/dashboard/messages/default/${demo.message}`, '/dashboard/accounts']) {
    await page.goto(url + address)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('heading', { level: 1 }).waitFor()
    assert.ok(((await page.evaluate('document.documentElement.scrollWidth')) as number) <= 390, address)
  }
})

/** Two messages that a worker has delayed, and one that its sender has. */
const sendDelayed = async (millrace: Millrace) => {
  const later = millrace.queue('later')
  const [asideFor, ids] = [3_600_000, [] as string[]]
  for (const body of [1, 2]) ids.push((await later.send({ body })).id)
  await later.send({ body: 'waits' }, { delayMs: asideFor })
  for (const message of await later.receive({ maxMessages: 2 })) await message.reprocess(asideFor)
  const stateOf = async (id: string | undefined) => {
    const [message] = await later.getMany([id ?? ''])
    return message && [message.type, message.reprocessCount]
  }
  return { ids, stateOf }
}

test('one of two delayed messages is reprocessed with the mouse', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const { ids, stateOf } = await sendDelayed(millrace)
  await open(page, url, 'later')
  for (const heading of ['#Reprocess', 'Reprocess Date/Time']) {
    await page.getByRole('columnheader', { name: heading, exact: true }).waitFor()
  }
  const rows = page.locator('tbody tr[data-index]')
  await rows.nth(2).waitFor()
  await page.getByRole('combobox', { name: 'Type' }).selectOption({ label: 'Delayed' })
  await page.locator('tbody:has(tr[data-index="1"]):not(:has(tr[data-index="2"]))').waitFor()
  assert.match(page.url(), /\?type=D$/)
  const [first, second] = ids
  await page.locator('tr', { hasText: first ?? '' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Reprocess selected…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('1 Delayed').waitFor()
  const reprocess = dialog.getByRole('button', { name: 'Reprocess 1 message' })
  await noticeOf(page, '1 message back in type Q.', () => reprocess.click())
  assert.deepEqual(await stateOf(first), ['Q', 1])
  assert.deepEqual(await stateOf(second), ['D', 1])
  // The row is changed in place, and stays where it is.
  await page
    .locator('tr', { hasText: first ?? '' })
    .getByTitle('Queued', { exact: true })
    .waitFor()
})

test('the same with the keyboard alone', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const { ids, stateOf } = await sendDelayed(millrace)
  await page.goto(`${url}/`)
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const find = page.getByRole('combobox', { name: 'Find a queue' })
  await page.getByRole('link', { name: 'later' }).first().waitFor()
  await press('/')
  await page.keyboard.type('later')
  await page.getByRole('option', { name: 'later' }).waitFor()
  await find.press('Enter')
  await row(page, 2).waitFor()

  const focusIs = async (selector: string) =>
    page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)
  const tabTo = async (selector: string) => {
    for (let tabs = 0; tabs < 60; tabs++) {
      await press('Tab')
      if (await focusIs(selector)) return
    }
    assert.fail(`the focus never came to ${selector}`)
  }
  await tabTo('select[aria-label="Type"]')
  await press('d')
  await page.locator('tbody:has(tr[data-index="1"]):not(:has(tr[data-index="2"]))').waitFor()
  await tabTo('tbody tr[data-index]')
  await press('Home', 'Shift+F10')
  await page.getByRole('menu').waitFor()
  await press('r', 'Enter')
  const button = page.getByRole('dialog').getByRole('button', { name: 'Reprocess 1 message' })
  await button.waitFor()
  await tabTo('dialog button.primary')
  await noticeOf(page, '1 message back in type Q.', () => press('Enter'))
  // The newest comes first.
  assert.deepEqual(await stateOf(ids[1]), ['Q', 1])
  assert.deepEqual(await stateOf(ids[0]), ['D', 1])
})

test('a closed server asks for a key, and takes only an operator’s', patient, async (t) => {
  const worker = { id: 'worker', secret: 'a-long-secret-of-worker', scopes: ['send', 'receive'] }
  const bench = await begin(t, { config: { accounts: [accountNamed('shop', worker)] } })
  if (!bench) return
  const { page, url, server } = bench
  await page.goto(`${url}/dashboard/charts`)
  const key = page.getByLabel('Access key')
  const signIn = page.getByRole('button', { name: 'Sign in', disabled: false })
  for (const wrong of ['nonsense', 'mr_worker_a-long-secret-of-worker']) {
    await key.fill(wrong)
    await key.press('Enter')
    await page.getByRole('alert').waitFor()
    await signIn.waitFor()
  }
  assert.deepEqual(await faultsOf(page, 'the sign-in'), [])
  await key.fill(tokenOf('shop'))
  await key.press('Enter')
  await page.getByRole('heading', { name: 'Charts' }).waitFor()
  const [cookie] = await page.context().cookies()
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict'])
  await page.reload()
  await page.getByRole('heading', { name: 'Charts' }).waitFor()

  const headers = { Cookie: `${cookie?.name}=${cookie?.value}` }
  assert.equal((await server.get('/api/v1/queues', headers)).status, 401, 'a page elsewhere can send the cookie alone')
  const ours = { ...headers, 'X-Millrace-Dashboard': '1' }
  assert.equal((await server.get('/api/v1/queues', ours)).status, 200)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await key.waitFor()
  assert.equal((await server.get('/api/v1/queues', ours)).status, 401)
})
