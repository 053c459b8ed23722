import { randomUUID } from 'node:crypto'
import type { Millrace, ServerInfo } from '../../client/index.ts'
import { exitCodes } from '../exit.ts'
import { formatBytes, formatDuration } from '../output/format.ts'
import { describe } from '../report.ts'
import type { Finding } from './finding.ts'

const slowMs = 250
const skewLimitMs = 1000
const samples = 5

/** Looks at a running server from outside, and leaves it as it was. */
export async function* checkServer(
  client: Millrace,
  url: string,
  ownVersion: string,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const reached = await reach(client, url, signal)
  yield reached
  if (reached.state === 'fail') return
  yield* checkInfo(client, url, ownVersion, signal)
  yield await checkLatency(client, signal)
  yield* checkWriting(client, signal)
}

const reach = async (client: Millrace, url: string, signal: AbortSignal): Promise<Finding> => {
  try {
    await client.queues.list({ limit: 1, signal })
    return { check: 'reachable', state: 'ok', detail: `${url} answers, and the credentials are accepted` }
  } catch (error) {
    const { exitCode, message, hint = 'The log of the server may say more.' } = describe(error)
    const check = exitCode === exitCodes.notAuthorised ? 'credentials' : 'reachable'
    return { check, state: 'fail', detail: message, advice: hint, exitCode }
  }
}

async function* checkInfo(client: Millrace, url: string, own: string, signal: AbortSignal): AsyncGenerator<Finding> {
  let info: ServerInfo
  try {
    info = await client.admin.info({ signal })
  } catch (error) {
    if (signal.aborted) throw error
    const advice = 'Use a key with the scope admin to check version, access and store too.'
    yield { check: 'version', state: 'warn', detail: describe(error).message, advice }
    return
  }
  yield info.version === own
    ? {
        check: 'version',
        state: 'ok',
        detail: `Millrace ${own} on ${info.runtime}, up for ${formatDuration(info.uptimeMs)}`,
      }
    : {
        check: 'version',
        state: 'warn',
        detail: `the server is Millrace ${info.version}, this command is ${own}`,
        advice: 'Bring both to the same version.',
      }
  yield accessFinding(info, url)
  const { kind, sizeBytes } = info.store
  const place = info.dataDirectory === null ? '' : ` in ${info.dataDirectory}`
  yield { check: 'store', state: 'ok', detail: `${kind}, ${formatBytes(sizeBytes)}${place}` }
}

const accessFinding = ({ open }: ServerInfo, url: string): Finding => {
  if (!open) return { check: 'access', state: 'ok', detail: 'closed: every request needs credentials' }
  const local = /^(localhost|127\.|\[::1\])/.test(new URL(url).hostname)
  return local
    ? { check: 'access', state: 'ok', detail: 'open, for programs on its own machine' }
    : {
        check: 'access',
        state: 'warn',
        detail: 'open: whoever can reach it may do everything',
        advice: "Configure an account, so that credentials are needed: 'millrace account create'.",
      }
}

const checkLatency = async (client: Millrace, signal: AbortSignal): Promise<Finding> => {
  const times: number[] = []
  for (let index = 0; index < samples; index++) {
    const started = performance.now()
    await client.queues.list({ limit: 1, signal })
    times.push(performance.now() - started)
  }
  const median = times.sort((a, b) => a - b)[Math.floor(samples / 2)] ?? 0
  const detail = `a request takes ${formatDuration(median)}`
  return median < slowMs
    ? { check: 'latency', state: 'ok', detail }
    : {
        check: 'latency',
        state: 'warn',
        detail,
        advice: 'Look for load on the server, or for a slow network between here and there.',
      }
}

async function* checkWriting(client: Millrace, signal: AbortSignal): AsyncGenerator<Finding> {
  const name = `millrace-doctor-${randomUUID()}`
  const queue = client.queue<string>(name)
  try {
    await client.queues.create(name, { description: 'millrace doctor' }, { signal })
    const before = Date.now()
    const started = performance.now()
    const { id, sentAt } = await queue.send('probe', { retentionMs: 60_000 })
    const sendMs = performance.now() - started
    const [message] = await queue.receive({ waitMs: 5000, signal })
    if (message?.id !== id) throw new Error('the probe message did not come back')
    await message.delete()
    yield {
      check: 'writing',
      state: 'ok',
      detail: `a message was stored in ${formatDuration(sendMs)}, received and deleted`,
    }
    yield skewFinding(sentAt, before, Date.now())
  } catch (error) {
    if (signal.aborted) throw error
    const advice = 'Does the key have the scopes send, receive and manage? Is the disk of the server full?'
    yield { check: 'writing', state: 'fail', detail: describe(error).message, advice }
  } finally {
    await client.queues.delete(name).catch(() => false)
  }
}

/** The server read its clock somewhere between our two readings. */
const skewFinding = (serverTime: number, before: number, after: number): Finding => {
  const skew = serverTime < before ? before - serverTime : Math.max(0, serverTime - after)
  return skew < skewLimitMs
    ? { check: 'clock', state: 'ok', detail: 'the clocks of the server and of this machine agree' }
    : {
        check: 'clock',
        state: 'warn',
        detail: `the clocks of the server and of this machine differ by ${formatDuration(skew)}`,
        advice: 'Delays and time-outs go by the clock of the server. Let both machines keep time by NTP.',
      }
}
