import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { begin, open, patient, row } from './harness.ts'

/** Once it has been scrolled there. */
const inView = (page: Page, index: number) =>
  page.evaluate(`new Promise((done) => {
    const look = () => {
      const [row, head, scroll] = ['tr[data-index="${index}"]', '.messages thead', '.message-scroll']
        .map((selector) => document.querySelector(selector)?.getBoundingClientRect())
      if (row && row.top >= head.bottom - 1 && row.bottom <= scroll.bottom + 1) done()
      else requestAnimationFrame(look)
    }
    look()
  })`)

test('thousands of messages are gone through by keyboard and by wheel', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const [messages, aPage] = [2000, 200]
  for (let sent = 0; sent < messages; sent += 1000) {
    await millrace.queue('long').sendMany(Array.from({ length: 1000 }, (_, at) => ({ body: sent + at })))
  }
  await open(page, url, 'long')
  const focused = (index: number) => page.locator(`tr[data-index="${index}"]:focus`).waitFor()
  const keyOf = async (index: number) => Number(await row(page, index).locator('td.key').innerText())
  /** Which rows are there; however long the result is, those in view and a few around them, each in its place. */
  const indexesBelow = async (first: number) => {
    const rows = (await page.evaluate(`[...document.querySelectorAll('tr[data-index]')]
      .map((row) => [row.dataset.index, row.querySelector('td.key').innerText].map(Number))`)) as [number, number][]
    assert.ok(rows.length < 60, `${rows.length} rows`)
    for (const [index, key] of rows) assert.equal(key, first - index)
    return rows.map(([index]) => index)
  }

  // By keyboard: row by row out of view, to both ends, and through every page.
  await row(page, 0).click()
  const newest = await keyOf(0)
  for (let rows = 1; rows <= 40; rows++) await page.keyboard.press('ArrowDown')
  await focused(40)
  await inView(page, 40)
  assert.ok(!(await indexesBelow(newest)).includes(0))
  for (let rows = 1; rows <= 20; rows++) await page.keyboard.press('ArrowUp')
  await focused(20)
  await inView(page, 20)
  await page.keyboard.press('Home')
  await focused(0)
  const further = page.getByRole('button', { name: 'Next page' })
  for (let number = 1; number <= messages / aPage; number++) {
    await page.getByText(`Page ${number}`).waitFor()
    await focused(0)
    assert.equal(await keyOf(0), newest - (number - 1) * aPage)
    await page.keyboard.press('End')
    await focused(aPage - 1)
    assert.equal(await keyOf(aPage - 1), newest - number * aPage + 1)
    assert.equal(await further.isEnabled(), number < messages / aPage)
    await page.keyboard.press('PageDown')
  }

  // By wheel, down to the last row of a page and up again.
  await open(page, url, 'long')
  await row(page, 0).hover()
  const wheelTo = async (index: number, by: number) => {
    while (!(await indexesBelow(newest)).includes(index)) {
      await page.mouse.wheel(0, by)
      // Two frames: one in which it scrolls, and one with the rows.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
    }
  }
  await wheelTo(aPage - 1, 400)
  assert.ok(!(await indexesBelow(newest)).includes(0))
  await wheelTo(0, -400)
})

test('the row that the keyboard is in stays so when it is wheeled out of view', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queue('wheeled').sendMany(Array.from({ length: 200 }, (_, body) => ({ body })))
  await open(page, url, 'wheeled')
  const focused = (index: number) => page.locator(`tr[data-index="${index}"]:focus`).waitFor()
  const wheelAway = async (by: number, until: number) => {
    await page.locator('.message-scroll').hover()
    while ((await row(page, until).count()) === 0) {
      await page.mouse.wheel(0, by)
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
    }
    assert.ok((await page.locator('tr[data-index]').count()) < 60)
  }
  await row(page, 5).click()
  await wheelAway(600, 199)
  await focused(5)
  await page.keyboard.press('ArrowDown')
  await focused(6)
  await inView(page, 6)
  await wheelAway(600, 199)
  await page.keyboard.press('Shift+ArrowDown')
  await focused(7)
  await inView(page, 7)
  await page.getByText('2 chosen').waitFor()

  // What is done with it is done in view.
  await wheelAway(600, 199)
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menu', { name: 'Message' }).waitFor()
  await inView(page, 7)
  await page.keyboard.press('Escape')
  await focused(7)

  await page.keyboard.press('End')
  await focused(199)
  await wheelAway(-600, 0)
  await focused(199)
  await page.keyboard.press('ArrowUp')
  await focused(198)
  await inView(page, 198)

  // Tab leads out of the table by way of the one button, however many are chosen, and back to the same row.
  await page.keyboard.press('Control+a')
  await page.getByText('200 chosen').waitFor()
  await page.keyboard.press('Tab')
  await row(page, 198).locator('button:focus').waitFor()
  await page.keyboard.press('Tab')
  await page.locator('.messages :focus').waitFor({ state: 'detached' })
  await wheelAway(-600, 0)
  for (const key of ['Shift+Tab', 'Shift+Tab']) await page.keyboard.press(key)
  await focused(198)
  await inView(page, 198)
})

test('no page is skipped or shown twice when keys are faster than pages', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const ids = (
    await millrace.queue('pages').sendMany(Array.from({ length: 450 }, (_, body) => ({ body })))
  ).toReversed()
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  await page.route(/\/search$/, async (route) => {
    if (route.request().postDataJSON().page !== undefined) {
      asked.resolve()
      await answered.promise
    }
    await route.continue()
  })
  await open(page, url, 'pages')
  const begins = (number: number, first: number) =>
    Promise.all([
      page.getByText(`Page ${number}`).waitFor(),
      row(page, 0)
        .getByText(ids[first]?.id ?? '')
        .waitFor(),
    ])
  await row(page, 0).click()
  await page.keyboard.press('PageDown')
  await asked.promise
  await page.keyboard.press('PageDown')
  await begins(1, 0)
  answered.resolve()
  await begins(2, 200)
  await page.locator('tr[data-index="0"]:focus').waitFor()
  await page.keyboard.press('PageDown')
  await begins(3, 400)
  // Another filter begins at its first page, whatever leads to it.
  await page.getByTitle('Queued now').click()
  await begins(1, 0)
})

test('a window of 1360 pixels has room for every column', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('wide', { keepFinished: 'message' })
  await millrace.queue('wide').send(1)
  const said = 'The lab answered 503 Service Unavailable'
  for (const message of await millrace.queue('wide').receive()) await message.finish('errored', { reason: said })
  await open(page, url, 'wide')
  await row(page, 0).getByTitle(said, { exact: true }).waitFor()
  const cut = await page.evaluate(`[...document.querySelectorAll('.message-scroll, tr[data-index] td, .said')]
    .filter((box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight)
    .map((box) => box.className + ': ' + box.innerText)`)
  assert.deepEqual(cut, [])
})
