import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { start as startAltogic } from '../altogic/harness.ts'
import { launchChromium } from '../browser/chromium.ts'
import { caller, expecting, idOf } from '../cloud-queues/harness.ts'
import { Dms } from '../dms/harness.ts'
import { tokenOf } from '../server/harness.ts'
import { Client } from '../starqueue/harness.ts'
import { begin, openPage, patient } from './harness.ts'

/** Into the search box, and what the screen that it leads to says of the message. */
const find = async (page: Page, id: string, body: string) => {
  await page.getByRole('combobox', { name: 'Find a queue' }).fill(id)
  await page.getByRole('option').filter({ hasText: id.toLowerCase() }).filter({ hasText: 'message' }).waitFor()
  await page.keyboard.press('Enter')
  assert.equal(new URL(page.url()).pathname.split('/').at(-1), id.toLowerCase())
  await page.getByRole('heading', { name: 'History' }).waitFor()
  await page.locator('.pane pre').first().getByText(body).waitFor()
}

test('a message is found by the id, or the receipt handle, that any API gave out', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const { id } = await millrace.queue('native').send('from the native API')
  const [received] = await millrace.queue('native').receive()
  const star = await Client.create(url)
  const starId = await star.send('star', 'from StarQueue')
  const [held] = await star.receive('star')
  const cloud = expecting(caller(url))
  const { project } = { project: star.account }
  const posted = await cloud(201, 'POST', '/v2/queues/cloud/messages', {
    project,
    body: { messages: [{ ttl: 60, body: 'from Cloud Queues' }] },
  })
  const dms = new Dms(url)
  const queue = await dms.queue('orders')
  const group = await dms.group(queue, 'g')
  const [dmsId] = await dms.send(queue, { body: 'from DMS' })
  const [consumed] = await group.consume()

  await page.goto(url)
  for (const name of ['native', 'star', 'cloud', 'orders']) await page.getByRole('link', { name }).first().waitFor()
  for (const [name, body] of [
    [id, 'from the native API'],
    [id.toUpperCase(), 'from the native API'],
    [received?.receiptHandle, 'from the native API'],
    [starId, 'from StarQueue'],
    [held?.ReceiptHandle, 'from StarQueue'],
    [idOf(posted.json.resources[0]), 'from Cloud Queues'],
    [dmsId, 'from DMS'],
    [consumed?.handler, 'from DMS'],
  ] as const) {
    assert.ok(name)
    await find(page, name, body)
  }
})

test('one that came through Altogic is found by an operator who has signed in', patient, async (t) => {
  const { client, server } = await startAltogic(t)
  const browser = await launchChromium(t)
  if (!browser) return
  const { info } = await client().queue.submitMessage('sendWelcomeEmail', { from: 'altogic' })
  const page = await openPage(t, browser, server.url)
  await page.goto(server.url)
  await page.getByLabel('Access key').fill(tokenOf('shop'))
  await page.keyboard.press('Enter')
  await find(page, info?.messageId ?? '', '"altogic"')
})

test('the list of hits is there for as long as the search box has the focus', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  for (const name of ['apples', 'pears']) await millrace.queues.create(name, {})
  await page.clock.install()
  await page.goto(url)
  await page.getByRole('link', { name: 'pears' }).first().waitFor()
  const box = page.getByRole('combobox', { name: 'Find a queue' })
  const hit = (name: string) => page.getByRole('option', { name })

  // What another screen does with the focus leaves nothing behind that closes the next list.
  await box.fill('app')
  await hit('apples').waitFor()
  await box.press('Enter')
  await page.getByRole('heading', { name: 'apples' }).waitFor()
  await box.fill('pea')
  await hit('pears').waitFor()
  await page.clock.runFor(5000)
  assert.ok(await hit('pears').isVisible())

  await page.getByRole('heading', { name: 'apples' }).click()
  await hit('pears').waitFor({ state: 'hidden' })
  await box.focus()
  await hit('pears').click()
  await page.getByRole('heading', { name: 'pears' }).waitFor()
  await hit('pears').waitFor({ state: 'hidden' })
})
