import { MillraceError } from '../client/index.ts'
import type { ClientOptions } from './command.ts'
import { isObject } from './options/values.ts'

/** For each receipt handle: whether its message was there to be deleted, or why it was not. */
export type SettleByReceipt = (
  queue: string,
  handles: readonly string[],
) => Promise<ReadonlyMap<string, boolean | Error>>

/**
 * Deletes messages by bare receipt handles. The client settles only messages that it received itself, so this request
 * goes past it.
 */
export const deleteByReceipt =
  ({ url, token, account }: ClientOptions): SettleByReceipt =>
  async (queue, handles) => {
    const address = new URL(`${url.replace(/\/$/, '')}/api/v1/queues/${encodeURIComponent(queue)}/settle`)
    const answer = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(account === undefined ? {} : { 'x-millrace-account': account }),
      },
      // The handle of a lease that has ended still counts, as long as nobody else has the message.
      body: JSON.stringify({
        handles: 'latest',
        entries: handles.map((receiptHandle) => ({ receiptHandle, action: { do: 'delete' } })),
      }),
    }).catch((cause: unknown) => {
      throw new MillraceError('Network', `No connection to ${address.origin}`, { cause })
    })
    const content: unknown = await answer.json().catch(() => undefined)
    if (!answer.ok) throw errorFrom(content, answer.status)
    const results = isObject(content) && Array.isArray(content.results) ? (content.results as unknown[]) : []
    return new Map(handles.map((handle, index) => [handle, resultFrom(results[index])]))
  }

const resultFrom = (result: unknown): boolean | Error =>
  isObject(result) && result.ok === true ? result.changed === true : errorFrom(result, null)

const errorFrom = (problem: unknown, status: number | null): MillraceError => {
  const { code, detail } = isObject(problem) ? problem : {}
  return new MillraceError(
    (typeof code === 'string' ? code : 'InvalidAnswer') as MillraceError['code'],
    typeof detail === 'string' ? detail : `The server answered ${status ?? 'something unexpected'}`,
    { status },
  )
}
