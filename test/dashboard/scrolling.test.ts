import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, open, patient, row } from './harness.ts'

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
  assert.ok(await row(page, 40).isVisible())
  assert.ok(!(await indexesBelow(newest)).includes(0))
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
