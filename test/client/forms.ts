import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createClient, type Millrace } from '../../src/client/index.ts'
import { openMillrace } from '../../src/index.ts'
import { type FakeClock, fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { startTestServer } from '../server/harness.ts'

/** A Millrace of one form, with the clock by which its queues go. */
export interface Opened {
  readonly millrace: Millrace
  readonly clock: FakeClock
}

/** The forms in which there is a Millrace: what a test says of one holds for all. */
const forms: Readonly<Record<string, (t: TestContext) => Promise<Opened>>> = {
  async 'over HTTP'(t) {
    const clock = fakeClock()
    const { url } = await startTestServer(t, {}, { store: await chosenStore(memoryStore), clock })
    const millrace = createClient({ url })
    t.after(() => millrace.close())
    return { millrace, clock }
  },
  async 'over HTTP by fetch'(t) {
    const clock = fakeClock()
    const { url } = await startTestServer(t, {}, { store: await chosenStore(memoryStore), clock })
    const millrace = createClient({ url, fetch })
    t.after(() => millrace.close())
    return { millrace, clock }
  },
  async 'in process'(t) {
    const clock = fakeClock()
    const millrace = await openMillrace({ store: await chosenStore(memoryStore), clock })
    t.after(() => millrace.close())
    return { millrace, clock }
  },
}

/** One test, in every form. */
export const inEveryForm = (name: string, run: (opened: Opened, t: TestContext) => Promise<void>): void => {
  for (const [form, open] of Object.entries(forms)) test(`${name} (${form})`, async (t) => run(await open(t), t))
}

export const temporaryDirectory = (t: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-client-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
