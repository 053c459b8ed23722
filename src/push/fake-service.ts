import type { Caller, NoAnswer, PushAnswer, PushCall } from './call.ts'

export type Reply = PushAnswer | NoAnswer

export const status = (code: number, retryAfter?: string): Reply => ({ status: code, retryAfter, text: `said ${code}` })
export const unreachable: Reply = { error: 'connect ECONNREFUSED', reached: false }
export const broken: Reply = { error: 'other side closed', reached: true }

/** A service without a network: a test sees each call, and says what is answered and when. */
export class FakeService implements Caller {
  readonly calls: PushCall[] = []
  /** Calls that are not answered yet. */
  readonly open: { readonly call: PushCall; readonly answer: (reply: Reply) => void }[] = []
  /** Answers at once; undefined: the test answers. */
  reply: ((call: PushCall, number: number) => Reply | undefined) | undefined
  closed = false

  call(call: PushCall): Promise<Reply> {
    this.calls.push(call)
    const reply = this.reply?.(call, this.calls.length)
    if (reply) return Promise.resolve(reply)
    const { promise, resolve } = Promise.withResolvers<Reply>()
    call.signal.addEventListener('abort', () => resolve({ error: 'aborted', reached: true }))
    this.open.push({ call, answer: resolve })
    return promise
  }

  async close(): Promise<void> {
    this.closed = true
  }

  get bodies(): string[] {
    return this.calls.map(({ body }) => new TextDecoder().decode(body))
  }

  get attempts(): string[] {
    return this.calls.map(({ headers, body }) => `${new TextDecoder().decode(body)}#${headers['x-attempt']}`)
  }
}
