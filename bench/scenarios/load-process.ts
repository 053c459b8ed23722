/** So many single sends a second, evenly, from a process of its own; until it is killed. */
import { Agent, request } from 'node:http'

const [url = '', perSecond = '1000'] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 32 })
const body = '{"at":1}'
const headers = { 'content-type': 'application/json', 'content-length': body.length }
const everyMs = 4

const send = () => {
  const sending = request(`${url}/api/v1/queues/bench-load/messages`, { method: 'POST', agent, headers }, (answer) =>
    answer.resume(),
  )
  sending.on('error', () => process.exit(1))
  sending.end(body)
}

let due = 0
setInterval(() => {
  due += (Number(perSecond) * everyMs) / 1000
  for (; due >= 1; due--) send()
}, everyMs)
