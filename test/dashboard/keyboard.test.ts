import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, noticeOf, open, patient, row } from './harness.ts'

test('every key of the message table does what the guide says', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url })
  const sent = await millrace.queue('keys').sendMany(Array.from({ length: 5 }, (_, body) => ({ body: { body } })))
  await open(page, url, 'keys', '?sort=oldest')
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const chosen = async (...wanted: number[]) => {
    const chosenRow = 'tr[data-index][aria-selected=true]'
    const has = wanted.map((index) => `:has(${chosenRow}[data-index="${index}"])`)
    const others = `${chosenRow}${wanted.map((index) => `:not([data-index="${index}"])`).join('')}`
    await page.locator(`tbody${has.join('')}:not(:has(${others}))`).waitFor()
  }
  const focused = (index: number) => page.locator(`tr[data-index="${index}"]:focus`).waitFor()
  const noDialog = () => page.getByRole('dialog').waitFor({ state: 'detached' })

  await row(page, 1).click()
  await chosen(1)
  await press('ArrowDown')
  await focused(2)
  await chosen(2)
  await press('ArrowUp', 'ArrowUp')
  await focused(0)
  await press('End')
  await focused(4)
  await press('Home')
  await focused(0)
  await press('Shift+ArrowDown', 'Shift+ArrowDown')
  await chosen(0, 1, 2)
  await press('Shift+End')
  await chosen(0, 1, 2, 3, 4)
  await press('ArrowUp')
  await chosen(3)
  await press('Space')
  await chosen()
  await press('Space')
  await row(page, 1).click({ modifiers: ['Control'] })
  await chosen(1, 3)
  await press('Control+a')
  await chosen(0, 1, 2, 3, 4)

  await row(page, 2).click()
  await noticeOf(page, 'The body copied.', () => press('Control+c'))
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), '{"body":2}')

  const third = page.getByRole('dialog', { name: `Message ${sent[2]?.id}` })
  await press('Enter')
  await third.waitFor()
  await press('Escape')
  await noDialog()
  await focused(2)
  for (const key of ['Shift+F10', 'ContextMenu']) {
    await press(key)
    await page.getByRole('menu', { name: 'Message' }).waitFor()
    await press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await focused(2)
  }
  await press('Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Purge 1 message' }).waitFor()
  await press('Escape')
  await noDialog()
  await row(page, 2).dblclick()
  await third.waitFor()
  await press('Escape')
  await noDialog()

  // What was sent meanwhile is there once the filter has run again.
  for (const [number, key] of ['F5', 'Control+Enter'].entries()) {
    await millrace.queue('keys').send({ late: number })
    await press(key)
    await row(page, 5 + number).waitFor()
    assert.equal(await page.getByRole('dialog').count(), 0)
  }
  const id = page.getByRole('textbox', { name: /Message ID/ })
  const fourth = row(page, 0).getByText(sent[3]?.id ?? '')
  await id.fill(sent[3]?.id ?? '')
  assert.equal(await row(page, 6).count(), 1, 'nothing happens before it is run')
  await id.press('Enter')
  await row(page, 1).waitFor({ state: 'detached' })
  await fourth.waitFor()
  assert.match(page.url(), /[?&]id=/)
  await page.reload()
  await fourth.waitFor()
  assert.equal(await row(page, 1).count(), 0, 'the filter survives a reload')
})

test('the keyboard stays in the rows while others take their places', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const queue = millrace.queue('others')
  await queue.sendMany(Array.from({ length: 10 }, (_, body) => ({ body })))
  await open(page, url, 'others')
  const focused = (index: number) => page.locator(`tr[data-index="${index}"][aria-selected=true]:focus`).waitFor()
  const newest = async () => Number(await row(page, 0).locator('td.key').innerText())

  // Run again: what is still there keeps it, else it goes to the first.
  await row(page, 3).click()
  await queue.send('late')
  await page.keyboard.press('F5')
  await focused(4)
  await page.keyboard.press('ArrowDown')
  await focused(5)
  await queue.sendMany(Array.from({ length: 200 }, (_, body) => ({ body })))
  const before = await newest()
  await page.keyboard.press('F5')
  await focused(0)
  assert.equal(await newest(), before + 200)

  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Delete')
  await noticeOf(page, '2 messages purged.', () =>
    page.getByRole('button', { name: 'Purge 2 messages', exact: true }).click(),
  )
  await row(page, 0)
    .getByText(String(before + 198), { exact: true })
    .waitFor()
  await focused(0)

  await queue.purge()
  await page.keyboard.press('F5')
  await page.getByText('There are no messages in this queue.').waitFor()
  await page.locator('.message-scroll:focus').waitFor()
})

test('from a page that has become empty the keyboard leads back', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  const queue = millrace.queue('emptied')
  const [last] = await queue.sendMany(Array.from({ length: 201 }, (_, body) => ({ body })))
  await open(page, url, 'emptied')
  await row(page, 0).click()
  await queue.operate.act([last?.id ?? ''], { do: 'delete' })
  await page.keyboard.press('PageDown')
  await page.getByText('There are no further messages.').waitFor()
  await page.keyboard.press('PageUp')
  await page.locator('tr[data-index="0"]:focus').waitFor()
})

test('a button that leads no further keeps the focus, and does nothing', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queue('two-pages').sendMany(Array.from({ length: 201 }, (_, body) => ({ body })))
  await open(page, url, 'two-pages')
  await row(page, 1).waitFor()
  await page.getByRole('button', { name: 'Next page' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Page 2, 1 message').waitFor()
  await page.locator('button[aria-disabled=true]:focus').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByText('Page 1, 200 messages').waitFor()
})

test('a button says what it will do, or whether it is pressed, but never both', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('mail', {})
  /** Pressed, and pressed again; what a screen reader says of it each time. */
  const said = async (...names: [string, string]) => {
    const states: (string | null)[] = []
    for (const name of [...names, names[0]]) {
      const button = page.getByRole('button', { name, exact: true })
      states.push(await button.getAttribute('aria-pressed'))
      await button.click()
    }
    await page.getByRole('button', { name: names[1], exact: true }).waitFor()
    return states
  }
  await open(page, url, 'mail')
  assert.deepEqual(await said('Pause', 'Resume'), [null, null, null])
  assert.deepEqual(await said('Count', 'Count'), ['false', 'true', 'false'])
  await page.getByRole('link', { name: 'Live tail' }).click()
  assert.deepEqual(await said('Stop', 'Go on'), [null, null, null])
})
