import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '../../src/client/index.ts'
import { fakeClock } from '../../src/testing/index.ts'
import { begin, patient } from './harness.ts'

test('the live tail shows what another client sends, and nothing while it is stopped', patient, async (t) => {
  const bench = await begin(t)
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('mail', {})
  const other = createClient({ url })
  t.after(() => other.close())
  const lines = page.locator('ul.tail li')
  /** The tail begins with what is sent after it is there: what shows that is the first that it shows. */
  const untilFollowed = async (word: string) => {
    const line = lines.filter({ hasText: word }).first()
    for (let sends = 0; (await line.count()) === 0; sends++) {
      await other.queue('mail').send({ [word]: sends })
      await line.waitFor({ timeout: 500 }).catch(() => {})
    }
  }
  await page.goto(`${url}/dashboard/queues/default/mail/tail`)
  await untilFollowed('begun')
  const sent = await other.queue('mail').send({ letter: 'for Ada' })
  const line = lines.filter({ hasText: sent.id })
  await line.getByText('{"letter":"for Ada"}').waitFor()
  await line.getByTitle('Queued', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText(/^Stopped/).waitFor()
  const unseen = await other.queue('mail').send({ letter: 'while nobody looks' })
  await page.getByRole('button', { name: 'Clear' }).click()
  await lines.first().waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Go on' }).click()
  await untilFollowed('again')
  assert.equal(await lines.filter({ hasText: unseen.id }).count(), 0)
  await lines.getByRole('link').last().click()
  await page.getByRole('heading', { name: 'History' }).waitFor()
})

test('a backlog that grows needs attention, and leads to its charts', patient, async (t) => {
  const clock = fakeClock()
  const bench = await begin(t, { start: { clock } })
  if (!bench) return
  const { page, url, millrace } = bench
  await millrace.queues.create('growing', {})
  await millrace.queues.create('still', {})
  await millrace.queue('still').send(1)
  await page.goto(url)
  const counts = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'growing', exact: true }) })
  await counts.waitFor()
  const concern = page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem')
  const backlog = concern.filter({ hasText: 'Backlog' })
  // The server looks once a second, by its own clock.
  for (let second = 0; second < 120 && (await backlog.count()) === 0; second++) {
    await millrace.queue('growing').sendMany([{ body: second }, { body: second }, { body: second }])
    clock.advance(1000)
  }
  await backlog.getByText(/^The backlog grew from [\d,]+ to [\d,]+ messages in /).waitFor()
  assert.equal(await backlog.count(), 1, 'of the one that grows alone')
  await backlog.getByRole('link', { name: 'growing' }).click()
  await page.getByRole('heading', { name: 'Depth' }).waitFor()
  assert.match(page.url(), /\/queues\/default\/growing\/charts$/)
})
