import { Pool } from 'undici'
import type { Figure } from '../measure.ts'
import { bodyOf1Kb } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'
import { wrkPost } from '../wrk.ts'

/** What Zaqar on Redis did on two cores, not durably, at its best: measured once and written down here. */
const zaqar = { posts: 880, postsInTens: 6300, claimsInTens: 2000, deletes: 1270 }
const wanted = 10

const clientId = '3381af92-2b9e-11e3-b191-71861300734c'
const headers = { 'content-type': 'application/json', 'client-id': clientId, 'x-project-id': 'bench' }
const connections = 64
const seconds = 6

interface Asked {
  readonly method: 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: string
}

/** Posts, claims and deletes through v1.1, each answered when it is durable, over 64 connections. */
export const cloudQueues = async (server: ServerProcess, scale: number): Promise<Figure[]> => {
  const pool = new Pool(server.url, { connections, pipelining: 1 })
  const ask = async ({ method, path, body }: Asked): Promise<string> => {
    const answer = await pool.request({ method, path, headers, ...(body !== undefined && { body }) })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
    return text
  }
  const many = (count: number) => Math.max(connections, Math.round(count * scale))
  const message = `{"ttl":3600,"body":${bodyOf1Kb()}}`
  /** Requests a second. */
  const posts = async (queue: string, messages: number): Promise<number> => {
    const body = `{"messages":[${Array(messages).fill(message).join(',')}]}`
    const url = `${server.url}/v1.1/queues/${queue}/messages`
    await wrkPost(url, body, headers, 1)
    return wrkPost(url, body, headers, seconds)
  }
  const claim: Asked = { method: 'POST', path: '/v1.1/queues/tens/claims?limit=10', body: '{"ttl":3600,"grace":60}' }

  try {
    for (const queue of ['singles', 'tens']) await ask({ method: 'PUT', path: `/v1.1/queues/${queue}` })
    const singles = await posts('singles', 1)
    const tens = await posts('tens', 10)
    const claimed: string[] = []
    const claims = await rate(many(4000), async () => {
      for (const [, href = ''] of (await ask(claim)).matchAll(/"href":"([^"]+)"/g)) claimed.push(href)
    })
    const deletes = await rate(claimed.length, (index) => ask({ method: 'DELETE', path: claimed[index] ?? '' }))
    return [
      figure('single posts', singles, zaqar.posts),
      figure('messages posted in tens', tens * 10, zaqar.postsInTens),
      figure('messages claimed in tens', claims * 10, zaqar.claimsInTens),
      figure('deletes, one a request', deletes, zaqar.deletes),
    ]
  } finally {
    await pool.close()
  }
}

const figure = (what: string, value: number, recorded: number): Figure => ({
  name: `Cloud Queues: ${what}, 1 KB, durable`,
  value,
  unit: 'a second',
  against: { name: 'Zaqar on Redis, as recorded', value: recorded, ratio: value / recorded, wanted },
})

/** Requests a second, with as many under way as there are connections. */
const rate = async (count: number, request: (index: number) => Promise<unknown>): Promise<number> => {
  let next = 0
  const worker = async () => {
    while (next < count) await request(next++)
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: connections }, worker))
  return count / ((performance.now() - began) / 1000)
}
