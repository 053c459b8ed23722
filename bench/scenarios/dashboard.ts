import binary from '@sparticuz/chromium'
import { chromium, type Page } from 'playwright-core'
import { createClient } from '../../src/client/index.ts'
import type { Figure } from '../measure.ts'
import { median, percentile } from '../measure.ts'
import { startMillrace } from '../servers.ts'
import { backlogs } from './backlogs.ts'

const runs = 15
const flags = ['--headless=shell', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']

/** The slowest machine is done long before: what takes longer is not going to happen any more. */
const limitMs = 10_000
const scrollLimitMs = 60_000

/** The queue screen in a real browser, over a million messages and over a hundred. */
export const dashboard = async (directory: string, scale: number): Promise<Figure[]> => {
  const [waiting] = backlogs(0.1 * scale)
  await waiting?.fill(directory, () => {})
  const server = await startMillrace(directory)
  const browser = await chromium.launch({ executablePath: await binary.executablePath(), args: flags })
  try {
    const millrace = createClient({ url: server.url })
    await millrace.queue('few').sendMany(Array.from({ length: 100 }, (_, body) => ({ body })))
    await millrace.close()
    const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, locale: 'en-GB' })
    page.setDefaultTimeout(limitMs)
    const figures: Figure[] = []
    for (const [queue, name] of [
      ['few', 'a hundred messages'],
      ['bench', waiting?.name ?? ''],
    ] as const) {
      await page.goto(`${server.url}/dashboard/queues/default/${queue}`)
      await page.locator('tr[data-index="0"]').waitFor()
      figures.push(...(await figuresOf(page, name, queue === 'bench')))
    }
    return figures
  } finally {
    await browser.close()
    await server.stop()
  }
}

const figuresOf = async (page: Page, name: string, hasPages: boolean): Promise<Figure[]> => {
  const opened = await times(runs, () => inPage<number>(page, afterClick(anotherSort), limitMs))
  const frames = await inPage<number[]>(page, scrolling, scrollLimitMs)
  const ms = { unit: 'ms', lessIsBetter: true } as const
  const figures: Figure[] = [
    { name: `${name}: first rows after (median)`, value: median(opened), wanted: 200, ...ms },
    { name: `${name}: first rows after (longest of ${runs})`, value: Math.max(...opened), wanted: 200, ...ms },
    { name: `${name}: a frame while scrolling (median)`, value: median(frames), ...ms },
    { name: `${name}: a frame while scrolling (99th percentile)`, value: percentile(frames, 0.99), wanted: 50, ...ms },
  ]
  if (!hasPages) return figures
  const turned = await times(runs, () => inPage<number>(page, afterClick('[aria-label="Next page"]'), limitMs))
  return [...figures, { name: `${name}: the next page after (median)`, value: median(turned), wanted: 200, ...ms }]
}

/** Evaluates a promise within the page, for so long at most: then says what the page showed. */
const inPage = async <Result>(page: Page, expression: string, withinMs: number): Promise<Result> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`nothing came of it within ${withinMs} ms`)), withinMs)
  try {
    return await Promise.race([page.evaluate<Result>(expression), late])
  } catch (error) {
    const shown = await page.locator('main').innerText({ timeout: 2000 }).catch(String)
    throw new Error(`The dashboard showed: ${shown.slice(0, 1000)}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

const times = async (many: number, measure: () => Promise<number>): Promise<number[]> => {
  const taken: number[] = []
  for (let run = 0; run < many; run++) taken.push(await measure())
  return taken
}

/** Newest first and oldest first in turns, so that each run asks for other rows. */
const anotherSort = '.toolbar [aria-label^="Sort"]'

/** Within the page: clicks, and tells how long it took until the first row is another one and painted. */
const afterClick = (button: string) => `new Promise((resolve) => {
  const first = () => document.querySelector('tr[data-index="0"] td.id')?.textContent
  const before = first()
  const begun = performance.now()
  document.querySelector(${JSON.stringify(button)}).click()
  const look = () => (first() && first() !== before ? resolve(performance.now() - begun) : requestAnimationFrame(look))
  requestAnimationFrame(look)
})`

/** Within the page: down and up the rows for some seconds, 120 pixels a frame, and how long each frame took. */
const scrolling = `new Promise((resolve) => {
  const table = document.querySelector('.message-scroll')
  const frames = []
  let [before, step] = [performance.now(), 120]
  const frame = (now) => {
    frames.push(now - before)
    before = now
    const top = table.scrollTop
    table.scrollTop += step
    if (table.scrollTop === top) step = -step
    if (frames.length < 400) requestAnimationFrame(frame)
    else resolve(frames.slice(1))
  }
  requestAnimationFrame(frame)
})`
