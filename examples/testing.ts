// Queues in memory, and a clock that the test turns.
import assert from 'node:assert/strict'
import { openMillrace } from 'millrace'
import { fakeClock, memoryStore } from 'millrace/testing'

const clock = fakeClock()
const millrace = await openMillrace({ store: memoryStore(), clock })
const reminders = millrace.queue<string>('reminders')

await reminders.send('drink tea', { delayMs: 60_000 })
assert.deepEqual(await reminders.receive(), [])

const waiting = reminders.receive({ waitMs: 120_000 })
clock.advance(60_000)
assert.equal((await waiting)[0]?.body, 'drink tea')

await millrace.close()
console.log('a minute has passed')
