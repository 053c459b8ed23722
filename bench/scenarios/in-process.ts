import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openMillrace } from '../../src/index.ts'
import type { Figure } from '../measure.ts'
import { bodyOf1Kb, paired } from '../measure.ts'

const total = 100_000
const perRound = 1000

/** Send, receive by tens and delete in one process, each durable; against appending the same bytes to a file. */
export const inProcess = async (directory: string): Promise<Figure[]> => {
  const millrace = await openMillrace({ directory })
  const queue = millrace.queue<Uint8Array>('bench')
  const body = new TextEncoder().encode(bodyOf1Kb())
  const lifecycles = async () => {
    const began = performance.now()
    for (let done = 0; done < total; done += perRound) {
      await Promise.all(Array.from({ length: perRound }, () => queue.send(body)))
      const received = await Promise.all(
        Array.from({ length: perRound / 10 }, () => queue.receive({ maxMessages: 10 })),
      )
      const messages = received.flat()
      if (messages.length !== perRound) throw new Error(`received ${messages.length} of ${perRound} messages`)
      await Promise.all(messages.map((message) => message.delete()))
    }
    return (total / (performance.now() - began)) * 1000
  }
  const appends = async () => {
    const file = openSync(join(directory, 'append.tmp'), 'w')
    const began = performance.now()
    for (let done = 0; done < total; done += perRound) {
      for (let message = 0; message < perRound; message++) writeSync(file, body)
      fdatasyncSync(file)
    }
    const rate = (total / (performance.now() - began)) * 1000
    closeSync(file)
    return rate
  }
  try {
    await lifecycles()
    const { first, second, ratio } = await paired(5, lifecycles, appends)
    const against = { name: 'appending to a file, one fdatasync a thousand', value: second, ratio, wanted: 0.12 }
    return [{ name: 'whole lifecycles in process', value: first, unit: 'messages/s', wanted: 45_000, against }]
  } finally {
    await millrace.close()
  }
}
