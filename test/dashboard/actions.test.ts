import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Request } from 'playwright-core'
import type { SearchRequest } from '../../src/client/index.ts'
import { projectIdOf } from '../../src/core/identity/project-id.ts'
import { begin, choose, noticeOf, open, patient, row } from './harness.ts'

test('what was exported is imported as new messages', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const bodies = [{ a: 1 }, 'text of JSON', [1, 2], { ü: '\u2028' }]
  await millrace.queue('from').sendMany(bodies.map((body) => ({ body, attributes: { kind: 'x' }, priority: 3 })))
  await millrace.queues.create('to', {})
  await open(page, url, 'from')
  await row(page, 0).click({ button: 'right' })
  await choose(page, 'Export all matching filter…')
  await page.getByRole('dialog').getByText('4 Queued').waitFor()
  const downloading = page.waitForEvent('download')
  await noticeOf(page, '4 messages exported.', () => page.getByRole('button', { name: 'Export 4 messages' }).click())
  const file = await (await downloading).path()
  assert.equal((await readFile(file, 'utf8')).trim().split('\n').length, 4)

  await open(page, url, 'from')
  const before = await millrace.queue('from').browse({ limit: 100 })
  const importing = async (path: string) => {
    await row(page, 0).click({ button: 'right' })
    await choose(page, 'Import…')
    await page.getByLabel('File to import').setInputFiles(path)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
  }
  await noticeOf(page, '4 messages imported.', () => importing(file))
  const after = await millrace.queue('from').browse({ limit: 100 })
  assert.equal(new Set(after.messages.map(({ id }) => id)).size, 8)
  const imported = after.messages.filter(({ id }) => !before.messages.some((message) => message.id === id))
  assert.deepEqual(
    new Set(imported.map(({ body }) => JSON.stringify(body))),
    new Set(bodies.map((body) => JSON.stringify(body))),
  )
  assert.deepEqual(
    imported.map(({ priority, attributes }) => [priority, attributes.kind]),
    [
      [3, 'x'],
      [3, 'x'],
      [3, 'x'],
      [3, 'x'],
    ],
  )

  const broken = join(tmpdir(), `millrace-import-${process.pid}.ndjson`)
  await writeFile(broken, '{"body":1}\nnonsense\n')
  t.after(() => rm(broken))
  await importing(broken)
  await page.getByRole('alert').getByText('Line 2 is not JSON.').waitFor()
})

test('a bulk action tells how far it is and can be stopped', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const many = 2000
  await millrace.queues.create('many', {})
  await millrace.queue('many').sendMany(Array.from({ length: many }, (_, body) => ({ body })))
  await open(page, url, 'many')
  // The task is a real one; that it has ended is kept from the page until it has asked for that.
  let isStopped = false
  const stopping = Promise.withResolvers<void>()
  const mayStop = Promise.withResolvers<void>()
  await page.route(/\/(many\/tasks|api\/v1\/tasks\/[^/]+)$/, async (route) => {
    if (route.request().method() === 'DELETE') {
      stopping.resolve()
      await mayStop.promise
      isStopped = true
    }
    if (isStopped) return route.continue()
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json()), state: 'running', examined: 500 } })
  })
  await row(page, 0).click({ button: 'right' })
  await choose(page, 'Purge all matching filter…')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('2,000 Queued').waitFor()
  await dialog.getByRole('button', { name: 'Purge 2,000 messages' }).click()
  const progress = dialog.getByRole('progressbar')
  await progress.waitFor()
  assert.equal(await progress.getAttribute('aria-valuemax'), '2000')
  const said = await noticeOf(page, /messages? purged\./, async () => {
    await dialog.getByRole('button', { name: 'Stop' }).click()
    await stopping.promise
    // However impatient somebody is, the dialog stays until it has ended.
    for (const key of ['Escape', 'Escape']) await page.keyboard.press(key)
    assert.ok(await progress.isVisible())
    mayStop.resolve()
  })
  assert.ok(isStopped)
  const purged = Number.parseInt(said.replaceAll(',', ''), 10)
  assert.equal((await millrace.queues.get('many')).messages, many - purged)
})

test('the type is moved through the submenu with the keyboard', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const [sent] = await millrace.queue('moved').sendMany([{ body: 1 }, { body: 2 }])
  await open(page, url, 'moved', '?sort=oldest')
  await row(page, 0).click()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menu', { name: 'Message' }).waitFor()
  for (const key of ['m', 'ArrowRight']) await page.keyboard.press(key)
  await page.getByRole('menu', { name: 'Move to' }).waitFor()
  for (const key of ['s', 'Enter']) await page.keyboard.press(key)
  const move = page.getByRole('button', { name: 'Move 1 message' })
  await noticeOf(page, '1 message moved to Shelved.', () => move.click())
  const [message] = await millrace.queue('moved').getMany([sent?.id ?? ''])
  assert.equal(message?.type, 'S')
})

test('rows change in place, and newer results are told of, not shown', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('live', { keepFinished: 'message' })
  const queue = millrace.queue('live', { holder: 'anna' })
  const first = await queue.send({ body: 1 })
  await open(page, url, 'live')
  const [message] = await queue.receive()
  await row(page, 0).getByText('anna').waitFor()
  await message?.finish('errored', { reason: 'it broke' })
  await row(page, 0).getByText('it broke').waitFor()
  await queue.send({ body: 2 })
  const newer = page.getByRole('button', { name: 'Newer results exist: 1' })
  await newer.waitFor()
  assert.equal(await page.locator('tr[data-index]').count(), 1)
  assert.ok(await row(page, 0).getByText(first.id).isVisible())
  await newer.click()
  await row(page, 1).getByText(first.id).waitFor()
  await page.locator('tr[data-index="0"]:focus').waitFor()
})

test('what is sent between a search and the watch that follows it is newer, too', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('busy', {})
  const queue = millrace.queue('busy')
  await queue.sendMany(Array.from({ length: 250 }, (_, body) => ({ body })))
  // Each answer is kept back until another message has been sent, but not that of a look for newer ones.
  await page.route(/\/search$/, async (route) => {
    const answer = await route.fetch()
    if (!isLook(route.request())) await queue.send('late')
    await route.fulfill({ response: answer })
  })
  const newer = (number: number) => page.getByRole('button', { name: `Newer results exist: ${number}`, exact: true })
  await open(page, url, 'busy', '?body=late')
  await newer(1).click()
  await newer(1).waitFor()
  await open(page, url, 'busy', '?sort=oldest')
  await newer(1).waitFor()
  // Its last page has the one, but not the one that comes after it; what is on no page yet stays newer.
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByText('Page 2, 53 messages').waitFor()
  await newer(1).waitFor()
})

/** Whether what is asked for is not shown, but only counted as newer. */
const isLook = (request: Request): boolean =>
  request.url().endsWith('/search') && (request.postDataJSON() as SearchRequest).maxBodyBytes === 0

test(
  'of newer results only those that match the filter are told of, in whichever order, and also those that come to match',
  patient,
  async (t) => {
    const bench = await begin(t)
    if (!bench) return
    const { page, url, millrace } = bench
    await millrace.queues.create('fruit', { keepFinished: 'message' })
    const queue = millrace.queue('fruit', { holder: 'anna' })
    const newer = page.locator('.newer button')
    const isNewer = (text: string) => newer.getByText(text, { exact: true }).waitFor()
    /** After which it is known what has come of it. */
    const looked = async (act: () => Promise<unknown>) => {
      await Promise.all([page.waitForResponse((response) => isLook(response.request())), act()])
    }
    const pears = (count: number) => queue.sendMany(Array.from({ length: count }, () => ({ body: 'pear' })))
    await pears(210)
    const [first] = await queue.receive()

    await open(page, url, 'fruit', '?body=apple')
    await page.getByText('No message matches the filter.').waitFor()
    await looked(() => pears(3))
    await looked(() => pears(2))
    assert.equal(await newer.count(), 0)
    await queue.send('apple')
    await isNewer('Newer results exist: 1')
    await newer.click()
    await page.getByText('Page 1, 1 message').waitFor()
    assert.equal(await newer.count(), 0)

    await open(page, url, 'fruit', '?body=pear&sort=oldest')
    await page.getByText('Page 1, 200 messages').waitFor()
    await looked(() => queue.send('apple'))
    assert.equal(await newer.count(), 0)
    await pears(2)
    await isNewer('Newer results exist: 2')
    // Turning leaves out what the page has.
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.getByText('Page 2, 17 messages').waitFor()
    await looked(() => pears(1))
    await isNewer('Newer results exist: 1')
    await pears(200)
    await isNewer('Newer results exist: 200 or more')

    await open(page, url, 'fruit', '?type=E')
    await page.getByText('No message matches the filter.').waitFor()
    await looked(() => queue.send('apple'))
    assert.equal(await newer.count(), 0)
    await first?.finish('errored', { reason: 'it is rotten' })
    await isNewer('Newer results exist: 1')
    await newer.click()
    await row(page, 0).getByText('it is rotten').waitFor()
  },
)

test('pages, ranges and all of a page by keyboard', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queue('pages').sendMany(Array.from({ length: 450 }, (_, body) => ({ body })))
  await open(page, url, 'pages')
  await row(page, 0).click()
  for (const number of [2, 3]) {
    await page.keyboard.press('PageDown')
    await page.getByText(`Page ${number}`).waitFor()
    await page.locator('tr[data-index="0"]:focus').waitFor()
  }
  await page.keyboard.press('PageUp')
  await page.getByText('Page 2').waitFor()
  await page.locator('tr[data-index="0"]:focus').waitFor()
  await row(page, 3).click({ modifiers: ['Shift'] })
  await page.getByText('4 chosen').waitFor()
  await page.keyboard.press('Control+a')
  await page.getByText('200 chosen').waitFor()
  await page.keyboard.press('Delete')
  await page.getByRole('button', { name: 'Purge 200 messages' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal((await millrace.queues.get('pages')).messages, 450)
})

test('the messages of a group, and its dead letters, which go back by a redrive', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('events', { consumerGroups: true, deadLetters: 'group' })
  for (const group of ['audit', 'billing']) await millrace.groups.create('events', group)
  await millrace.queue('events').sendMany([{ body: 'first' }, { body: 'second' }])
  const billing = millrace.queue('events', { group: 'billing', holder: 'billing-1' })
  const [message] = await billing.receive()
  assert.ok(message)
  await message.deadLetter({ reason: 'no such customer' })

  await open(page, url, 'events')
  const group = page.getByRole('combobox', { name: 'Group' })
  const rows = async (number: number) => {
    await row(page, number - 1).waitFor()
    await row(page, number).waitFor({ state: 'detached' })
  }
  await rows(2)
  await group.selectOption({ label: 'billing' })
  await rows(1)
  await group.selectOption({ label: 'Dead letters of billing (1)' })
  await row(page, 0).getByText(message.id).waitFor()
  await row(page, 0).getByText('no such customer').waitFor()
  assert.match(page.url(), /group=billing&dead=yes$/)
  await row(page, 0).click()
  await page.locator('.pane pre').first().getByText('first').waitFor()
  await page.getByRole('button', { name: 'Redrive…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'Consumer group' }).selectOption('billing')
  const redrive = dialog.getByRole('button', { name: 'Redrive', exact: true })
  await noticeOf(page, '1 message moved, 0 stayed.', () => redrive.click())
  assert.deepEqual((await billing.browse({ limit: 10 })).messages.length, 2)
})

test('a redrive that somebody stops says how far it came, as no failure', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('failed', {})
  await millrace.queues.create('orders', { deadLetterQueue: 'failed' })
  let state = 'running'
  await page.route(/\/api\/v1\/tasks\/[^/]+$/, async (route) => {
    if (route.request().method() === 'DELETE') {
      state = 'cancelled'
      return route.continue()
    }
    const answer = await route.fetch()
    const json = { ...(await answer.json()), state, changed: 2, skipped: 0, total: 5 }
    await route.fulfill({ response: answer, json })
  })
  await open(page, url, 'failed')
  await page.getByRole('button', { name: 'Redrive…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Redrive', exact: true }).click()
  const stopped = page.locator('.notice.good p', { hasText: 'Stopped: 2 of 5 messages moved.' })
  await Promise.all([stopped.waitFor(), page.getByRole('button', { name: 'Stop' }).click()])
})

test('the notice of a redrive that was closed by hand comes back for a failure alone', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('failed', {})
  await millrace.queues.create('orders', { deadLetterQueue: 'failed' })
  // How far the task is said to be when it is asked for next; every word of it is heard before another is said.
  let told: object = { state: 'running', changed: 1, total: 5 }
  let asked = Promise.withResolvers<void>()
  await page.route(/\/api\/v1\/tasks\/[^/]+$/, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json()), ...told } })
    asked.resolve()
    asked = Promise.withResolvers()
  })
  const isTold = async () => {
    await asked.promise
    await asked.promise
  }
  const notice = page.locator('.notice')
  const redrive = async () => {
    told = { state: 'running', changed: 1, total: 5 }
    await page.getByRole('button', { name: 'Redrive…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive', exact: true }).click()
    await notice.getByText('Redriving… 1 of 5').waitFor()
    await page.getByRole('button', { name: 'Close this notice' }).click()
    await notice.waitFor({ state: 'detached' })
    told = { state: 'running', changed: 2, total: 5 }
    await isTold()
    assert.equal(await notice.count(), 0, 'closed is closed')
  }
  await open(page, url, 'failed')
  await redrive()
  told = { state: 'failed', changed: 2, skipped: 0, failure: 'There is no queue “orders”.' }
  await notice.getByText('2 messages moved, 0 stayed. There is no queue “orders”.').waitFor()
  await page.getByRole('button', { name: 'Close this notice' }).click()
  await redrive()
  told = { state: 'completed', changed: 5, skipped: 0 }
  await asked.promise
  // What is said next comes after the end of the redrive would have.
  await noticeOf(page, 'failed is paused.', () => page.getByRole('button', { name: 'Pause' }).click())
  assert.deepEqual(await notice.locator('p').allInnerTexts(), ['failed is paused.'])
})

test('settings are saved with Ctrl+S, and a further column is there at once', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('columns', {})
  await millrace.queue('columns').send({ patient: { ids: ['P-17'] } })
  await open(page, url, 'columns')
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByLabel('Further columns, out of the message').fill('Patient = $.patient.ids[0]')
  await page.getByLabel('Receive limit').fill('7')
  await noticeOf(page, 'Saved.', () => page.keyboard.press('Control+s'))
  await page.getByRole('columnheader', { name: 'Patient' }).waitFor()
  await row(page, 0).getByText('P-17').waitFor()
  assert.equal((await millrace.queues.get('columns')).settings.receiveLimit, 7)
})

test('columns are dragged, and stay where they were put', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queue('dragged').send(1)
  await open(page, url, 'dragged')
  const headings = async () => (await page.getByRole('columnheader').allInnerTexts()).slice(0, 3)
  await row(page, 0).waitFor()
  assert.deepEqual(await headings(), ['Queued Date/Time', 'Modified Date/Time', 'Delay'])
  const head = (name: string) => page.getByRole('columnheader', { name, exact: true })
  await head('Delay').getByRole('button').dragTo(head('Queued Date/Time'))
  const wanted = ['Delay', 'Queued Date/Time', 'Modified Date/Time']
  await page.locator('thead th').first().getByText('Delay').waitFor()
  assert.deepEqual(await headings(), wanted)

  const widthOf = async () => (await head('Delay').boundingBox())?.width ?? 0
  const edge = await head('Delay').locator('.edge').boundingBox()
  assert.ok(edge)
  await page.mouse.move(edge.x + 3, edge.y + 5)
  await page.mouse.down()
  await page.mouse.move(edge.x + 83, edge.y + 5, { steps: 4 })
  await page.mouse.up()
  // 84 before, and what the last of these moves adds.
  await page.locator('col:first-child[style="width: 164px;"]').waitFor({ state: 'attached' })
  const wider = await widthOf()
  await page.reload()
  await row(page, 0).waitFor()
  assert.deepEqual(await headings(), wanted)
  assert.equal(await widthOf(), wider)

  // The same without dragging.
  await head('Delay').getByRole('button').focus()
  await page.keyboard.press('Enter')
  await choose(page, 'Reset all columns')
  await page.locator('thead th').first().getByText('Queued Date/Time').waitFor()
})

test('accounts show their project ids, and the token of a new key is shown once', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url } = bench
  await page.clock.install()
  await page.goto(`${url}/dashboard/accounts`)
  await page.getByText(projectIdOf('default')).waitFor()
  await page.getByRole('button', { name: 'New key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  for (const box of await dialog.getByRole('checkbox').all()) await box.check()
  await dialog.getByRole('button', { name: /create/i }).click()
  const token = page.getByText(/^mr_/)
  await token.waitFor()
  const shown = (await token.innerText()).trim()
  const answer = await fetch(`${url}/api/v1/queues`, { headers: { Authorization: `Bearer ${shown}` } })
  assert.equal(answer.status, 200)
  // Whoever comes back from putting it away still sees it, although the server asks for a key by now.
  await page.clock.fastForward(10_000)
  await Promise.all([
    page.waitForResponse((response) => response.status() === 401),
    page.evaluate('window.dispatchEvent(new Event("visibilitychange"))'),
  ])
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByLabel('Access key').fill(shown)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Accounts and keys' }).waitFor()
  assert.equal((await page.content()).includes(shown), false)
})
