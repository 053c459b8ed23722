// A real browser: the Chromium that comes with an npm package, else one that is installed.

import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Browser, chromium } from 'playwright-core'

/** Unlike what the package itself suggests, these leave the protections on that a page's requests meet. */
const flags = ['--headless=shell', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']

/** Undefined, and the test skipped with the reason, where there is no browser that starts. */
export const launchChromium = async (t: TestContext): Promise<Browser | undefined> => {
  const browser = await startChromium()
  if (typeof browser === 'string') {
    t.skip(`no Chromium starts here: ${browser}`)
    return undefined
  }
  t.after(() => browser.close())
  return browser
}

/** Or the reasons why none starts. */
export const startChromium = async (): Promise<Browser | string> => {
  const reasons: string[] = []
  for (const find of [packaged, installed]) {
    try {
      return await launch(find)
    } catch (error) {
      reasons.push(String(error).split('\n', 1)[0] ?? '')
    }
  }
  return reasons.join('; ')
}

/** While another process unpacks the same file it cannot be started, nor unpacked again. */
const launch = async (find: () => Promise<string>): Promise<Browser> => {
  for (let looks = 0; ; looks++) {
    try {
      return await chromium.launch({ executablePath: await find(), headless: true, args: flags, timeout: minute })
    } catch (error) {
      if (!String(error).includes('ETXTBSY') || looks === looksAtMost) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

const minute = 60_000
/** As many as fit into a minute at least. */
const looksAtMost = 600

/** Unpacked into the temporary directory of the run. */
const packaged = async (): Promise<string> => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('the package has it for Linux on x64 only')
  const { default: binary } = await import('@sparticuz/chromium')
  return binary.executablePath()
}

const installed = async (): Promise<string> => {
  const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
    existsSync(file),
  )
  if (path === undefined) throw new Error('none is installed')
  return path
}
