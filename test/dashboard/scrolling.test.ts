import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, open, row } from './harness.ts'

test('thousands of messages are gone through by keyboard and by wheel', { timeout: 180_000 }, async (t) => {
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
  /** However long the result is, the page has the rows in view and a few around them. */
  const assertFew = async () => assert.ok((await page.locator('tr[data-index]').count()) < 60)

  // By keyboard: row by row out of view, to both ends, and through every page.
  await row(page, 0).click()
  for (let rows = 1; rows <= 40; rows++) await page.keyboard.press('ArrowDown')
  await focused(40)
  assert.ok(await row(page, 40).isVisible())
  assert.equal(await row(page, 0).count(), 0)
  await assertFew()
  await page.keyboard.press('Home')
  await focused(0)
  const newest = await keyOf(0)
  for (let number = 1; number <= messages / aPage; number++) {
    await page.getByText(`Page ${number}`).waitFor()
    await focused(0)
    assert.equal(await keyOf(0), newest - (number - 1) * aPage)
    await page.keyboard.press('End')
    await focused(aPage - 1)
    assert.equal(await keyOf(aPage - 1), newest - number * aPage + 1)
    if (number < messages / aPage) await page.keyboard.press('PageDown')
  }

  // By wheel, down to the last row of a page and up again.
  await open(page, url, 'long')
  await row(page, 0).hover()
  const wheelTo = async (index: number, by: number) => {
    for (let turns = 0; turns < 200 && (await row(page, index).count()) === 0; turns++) {
      await page.mouse.wheel(0, by)
      // Two frames: one in which it scrolls, and one with the rows.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
      await assertFew()
    }
    await row(page, index).waitFor()
    assert.equal(await keyOf(index), newest - index)
  }
  await wheelTo(100, 400)
  await wheelTo(aPage - 1, 400)
  assert.equal(await row(page, 0).count(), 0)
  await wheelTo(0, -400)
})

test('a window of 1360 pixels has room for every column', { timeout: 120_000 }, async (t) => {
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
