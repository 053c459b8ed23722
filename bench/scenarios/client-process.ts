/** The one client process of `sdk.ts`: 64 senders and 64 receivers at once; prints lifecycles a second of each round. */
import { createClient } from '../../src/client/index.ts'
import { bodyOf1Kb } from '../measure.ts'

const [url = '', rounds = '3'] = process.argv.slice(2)
const total = 100_000
const millrace = createClient({ url })
const queue = millrace.queue<unknown>('bench-sdk')
const body = JSON.parse(bodyOf1Kb()) as unknown

const round = async (): Promise<number> => {
  let toSend = total
  let deleted = 0
  const began = performance.now()
  const sender = async () => {
    while (toSend-- > 0) await queue.send(body)
  }
  const receiver = async () => {
    while (deleted < total) {
      const messages = await queue.receive({ maxMessages: 10, waitMs: 200 })
      await Promise.all(messages.map((message) => message.delete()))
      deleted += messages.length
    }
  }
  await Promise.all([...Array.from({ length: 64 }, sender), ...Array.from({ length: 64 }, receiver)])
  return (total / (performance.now() - began)) * 1000
}

await round()
for (let done = 0; done < Number(rounds); done++) console.log(await round())
await millrace.close()
