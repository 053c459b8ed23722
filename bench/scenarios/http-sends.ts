import type { Figure } from '../measure.ts'
import { bodyOf1Kb, paired } from '../measure.ts'
import type { ServerProcess } from '../servers.ts'
import { startBare } from '../servers.ts'
import { wrkPost } from '../wrk.ts'

const seconds = 8
const rounds = 3

/** Durable single sends of 1 KB over 64 connections, against a bare node:http server. */
export const singleSends = (server: ServerProcess) =>
  against(server, '/api/v1/queues/bench/messages', bodyOf1Kb(), {
    name: 'single sends over HTTP',
    perRequest: 1,
    wanted: 0.55,
  })

/** The same ten a request. */
export const batchedSends = (server: ServerProcess) => {
  const message = `{"body":${bodyOf1Kb()}}`
  const body = `{"messages":[${Array(10).fill(message).join(',')}]}`
  const path = '/api/v1/queues/bench/messages/batch'
  return against(server, path, body, { name: 'sends in tens over HTTP', perRequest: 10, wanted: 0.45 })
}

const against = async (
  server: ServerProcess,
  path: string,
  body: string,
  { name, perRequest, wanted }: { name: string; perRequest: number; wanted: number },
): Promise<Figure[]> => {
  const headers = { 'content-type': 'application/json' }
  const sample = await fetch(server.url + path, { method: 'POST', body, headers })
  if (sample.status !== 201) throw new Error(`${path} answered ${sample.status}: ${await sample.text()}`)
  const bare = await startBare(await sample.text())
  try {
    await wrkPost(server.url + path, body, headers, 2)
    await wrkPost(bare.url + path, body, headers, 2)
    const { first, second, ratio } = await paired(
      rounds,
      () => wrkPost(server.url + path, body, headers, seconds),
      () => wrkPost(bare.url + path, body, headers, seconds),
    )
    const bareFigure = { name: 'bare node:http', value: second * perRequest, ratio, wanted }
    return [{ name, value: first * perRequest, unit: 'messages/s', against: bareFigure }]
  } finally {
    await bare.stop()
  }
}
