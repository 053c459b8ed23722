/** The few calls of the native API that the crash test makes, each of one request: nothing is tried again. */

export interface Stored {
  readonly id: string
  readonly state: string
  readonly type: string
  readonly body?: unknown
  readonly text?: string
  readonly base64?: string
  readonly attributes?: unknown
  readonly priority?: number
  readonly receiveCount: number
  readonly reprocessCount: number
  readonly visibleAt?: number | null
}

export interface Received {
  readonly id: string
  readonly receiptHandle: string
  readonly receiveCount: number
  readonly leasedUntil: number
}

export interface Sent {
  readonly id: string
  readonly duplicate: boolean
  readonly sentAt: number
}

export interface Settled {
  readonly ok: boolean
  readonly visibleAt?: number | null
  readonly reprocessCount?: number
}

export const call = async <Answer>(url: string, method: string, path: string, body?: unknown): Promise<Answer> => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers }
  const answer = await fetch(`${url}/api/v1${path}`, init)
  const text = await answer.text()
  if (!answer.ok) throw new UnexpectedAnswer(`${method} ${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text) as Answer
}

const headers = { 'content-type': 'application/json' }

/** A server that is killed does not answer; one that answers like this has a fault. */
export class UnexpectedAnswer extends Error {}

/** Every message of a queue, whatever its state. */
export const everything = async (url: string, queue: string): Promise<Map<string, Stored>> => {
  const found = new Map<string, Stored>()
  let marker = ''
  while (true) {
    const states = 'states=ready&states=behind&states=delayed&states=leased&states=finished'
    const from = marker === '' ? '' : `&marker=${encodeURIComponent(marker)}`
    const path = `/queues/${queue}/messages?limit=1000&${states}${from}`
    const page = await call<{ messages: Stored[]; marker: string }>(url, 'GET', path)
    for (const message of page.messages) found.set(message.id, message)
    if (page.messages.length < 1000) return found
    marker = page.marker
  }
}
