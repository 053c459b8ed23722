import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, noticeOf, open, patient } from './harness.ts'

test('a message is sent by hand, field by field, and a fault is shown at its field', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const fields = [
    { name: 'email', type: 'email', required: true },
    { name: 'name', type: 'text', required: true },
    { name: 'seats', type: 'integer' },
    { name: 'trial', type: 'boolean' },
  ] as const
  await millrace.queues.create('sign-ups', { input: { fields } })
  const bodies = async () => (await millrace.queue('sign-ups').browse({ limit: 10 })).messages.map(({ body }) => body)
  await page.goto(`${url}/dashboard/queues/default/sign-ups/send`)
  const field = (name: string) => page.locator('label.field', { hasText: new RegExp(`^${name}`) })
  const send = page.getByRole('button', { name: 'Send', exact: true })

  await field('email').getByRole('textbox').fill('ada@example.org')
  await field('seats').getByRole('spinbutton').fill('3')
  await send.click()
  await field('name').locator('.fault').waitFor()
  assert.equal(await field('name').getByRole('textbox').getAttribute('aria-invalid'), 'true')
  assert.equal(await page.locator('form [aria-invalid]').count(), 1)
  await page.getByRole('alert').getByText('name', { exact: true }).waitFor()
  assert.deepEqual(await bodies(), [])

  await field('name').getByRole('textbox').fill('Ada')
  await field('trial').getByRole('combobox').selectOption('true')
  await page.getByLabel('Attributes, as JSON').fill('{"source":"by hand"}')
  await page.getByLabel('Priority').fill('7')
  await noticeOf(page, 'Sent.', () => send.click())
  assert.equal(await page.locator('form [aria-invalid]').count(), 0)
  const [message, ...others] = (await millrace.queue('sign-ups').browse({ limit: 10 })).messages
  assert.deepEqual(message?.body, { email: 'ada@example.org', name: 'Ada', seats: 3, trial: true })
  assert.deepEqual([message?.attributes.source, message?.priority, others.length], ['by hand', 7, 0])

  // The same as JSON: what is not JSON goes nowhere.
  await page.getByRole('button', { name: 'JSON', exact: true }).click()
  const body = page.getByRole('textbox', { name: 'Body', exact: true })
  await body.fill('{"email"')
  await send.click()
  await page.getByRole('alert').waitFor()
  assert.equal((await bodies()).length, 1)
  await body.fill('{"email":"grace@example.org","name":"Grace"}')
  const told = page.locator('.notice').filter({ hasNotText: message?.id ?? '' })
  await Promise.all([told.getByRole('link', { name: /^[0-9a-f]{20,}$/ }).waitFor(), send.click()])
  assert.equal(await page.getByRole('alert').count(), 0)
  assert.equal((await bodies()).length, 2)
})

test('a queue is made through the dialog, which says what is wrong', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('taken', {})
  await page.goto(url)
  await page.getByRole('button', { name: 'New queue' }).click()
  const dialog = page.getByRole('dialog', { name: 'New queue' })
  const create = dialog.getByRole('button', { name: 'Create' })
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('taken')
  await dialog.getByLabel('Receive limit').fill('5')
  await dialog.getByLabel('Visibility timeout').fill('90')
  await dialog.getByRole('combobox', { name: 'Processing' }).selectOption({ label: 'Ordered by message group' })
  await dialog.getByLabel('Declared structure').fill('{"fields"')
  await create.click()
  await dialog.getByRole('alert').getByText('Declared structure is not JSON.').waitFor()
  await dialog.getByLabel('Declared structure').fill('{"fields":[{"name":"a","type":"integer"}]}')
  await create.click()
  await dialog.getByRole('alert').getByText(/taken/).waitFor()
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('made-by-hand')
  await create.click()
  await page.getByRole('heading', { name: 'made-by-hand' }).waitFor()
  await page.getByText('Ordered by group').waitFor()
  assert.match(page.url(), /\/queues\/default\/made-by-hand$/)
  const { settings } = await millrace.queues.get('made-by-hand')
  assert.deepEqual(
    [settings.receiveLimit, settings.visibilityTimeoutMs, settings.ordering, settings.input],
    [5, 90_000, 'grouped', { fields: [{ name: 'a', type: 'integer' }] }],
  )
  assert.equal((await millrace.queues.get('taken')).settings.receiveLimit, null)
})

test('the form of a new queue shows what it will have, and what is emptied there is unlimited', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await page.goto(url)
  await page.getByRole('button', { name: 'New queue' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('input[name=name]:focus').fill('made')
  assert.equal(await dialog.getByLabel('Retention').inputValue(), String(14 * 86_400))
  assert.equal(await dialog.getByLabel('Visibility timeout').inputValue(), '30')
  await dialog.getByLabel('Retention').fill('')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { name: 'made' }).waitFor()
  const { retentionMs, visibilityTimeoutMs, keepErroredMs } = (await millrace.queues.get('made')).settings
  assert.deepEqual([retentionMs, visibilityTimeoutMs, keepErroredMs], [null, 30_000, null])
})

test('whoever deletes a queue is told how many messages it has by then', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('filled', {})
  await open(page, url, 'filled')
  await page.getByText('There are no messages in this queue.').waitFor()
  assert.equal(await page.locator('.panes').getByText('Choose a message').count(), 2)
  await millrace.queue('filled').sendMany([{ body: 1 }, { body: 2 }])
  await page.getByRole('button', { name: 'Delete…' }).click()
  await page.getByText('2 messages, in whatever state, will be gone at once and for good.').waitFor()
  await page.locator('dialog input:focus').fill('filled')
  await page.getByRole('button', { name: 'Empty it' }).click()
  await page.getByText('filled is empty.').waitFor()
  await page.goto(`${url}/dashboard/queues/default/filled/nonsense`)
  await page.getByText('There is no such screen of a queue.').waitFor()
})

test('what is no JSON is said to be none, and where', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('plain', {})
  await page.goto(`${url}/dashboard/queues/default/plain/send`)
  const send = page.getByRole('button', { name: 'Send' })
  const isSaid = (text: RegExp) => page.getByRole('alert').getByText(text).waitFor()
  await page.locator('textarea').fill('{"a": 1')
  await send.click()
  await isSaid(/^The body is not JSON: /)
  await page.locator('textarea').fill('{"a": 1}')
  await page.getByLabel('Attributes').fill('kind')
  await send.click()
  await isSaid(/^The attributes are not JSON: /)
})
