// What the types of client and worker promise. Nothing here runs: `npm run check` compiles it.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { z } from 'zod'
import type {
  AnyMessage,
  ClaimedMessage,
  ClientOptions,
  ErrorCode,
  Message,
  Millrace,
  Queue,
  QueueInfo,
  SendOptions,
  SentMessage,
  Settled,
  WorkMessage,
} from '../../src/client/index.ts'
import type { RefusalCode } from '../../src/core/errors.ts'
import type { NewMessage } from '../../src/core/message.ts'
import type * as Core from '../../src/core/requests.ts'
import type { OpenOptions } from '../../src/index.ts'
import type { OutgoingMessage as WireMessage } from '../../src/protocols/native/schemas/send.ts'
import type { MessageContext, WorkerOptions } from '../../src/worker/index.ts'

/** Compiles only if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <_Holds extends true>(): void => {}
/** Compiles only if every A is a B. */
const fits =
  <A extends B, B>(): ((a: A) => B) =>
  (a) =>
    a

declare const millrace: Millrace
interface Order {
  order: number
}

export const expectations = {
  async 'bodies have the type of their queue'() {
    const queue = millrace.queue<Order>('orders')
    same<Same<typeof queue, Queue<Order, Order>>>()
    await queue.send({ order: 1 })
    // @ts-expect-error
    await queue.send({ order: 'one' })
    // @ts-expect-error
    await queue.sendMany([{ order: 1 }])
    await queue.sendMany([{ body: { order: 1 }, priority: 1 }])
    same<Same<Awaited<ReturnType<typeof queue.receive>>, readonly Message<Order>[]>>()
    for await (const message of queue) same<Same<typeof message, WorkMessage<Order>>>()
    queue.work(({ body, signal }) => {
      same<Same<typeof body, Order>>()
      same<Same<typeof signal, AbortSignal>>()
    })
    const [popped] = await queue.pop()
    // @ts-expect-error what was popped is gone already
    popped?.delete()
    const claim = await queue.claims.create({ ttlMs: 1000 })
    same<Same<NonNullable<typeof claim>['messages'][number], ClaimedMessage<Order>>>()
  },

  async 'without a type bodies are unknown'() {
    const queue = millrace.queue('anything')
    same<Same<typeof queue, Queue<unknown, unknown>>>()
    const [message] = await queue.receive()
    // @ts-expect-error
    message?.body.order
  },

  'a schema gives the types of what goes in and comes out'() {
    const schema = z.object({ at: z.string().transform((text) => new Date(text)), count: z.number().default(1) })
    const queue = millrace.queue('dates', { schema })
    same<Same<typeof queue, Queue<{ at: Date; count: number }, { at: string; count?: number | undefined }>>>()
    const received = millrace.queue('dates', { schema, check: 'receive' })
    same<Same<typeof received, typeof queue>>()
    const sent = millrace.queue('dates', { schema, check: 'send' })
    same<Same<typeof sent, Queue<{ at: string; count?: number | undefined }>>>()
    const numbers = millrace.queue('numbers', { schema: v.number(), group: 'a' })
    same<Same<typeof numbers, Queue<number, number>>>()
    fits<typeof schema, StandardSchemaV1>()
  },

  'a queue can be passed on where less is asked of it'() {
    fits<Queue<Order>, Queue<Order, never>>()
    fits<Queue<Order>, AsyncIterable<AnyMessage<Order>>>()
    fits<Message<Order>, AnyMessage<Order>>()
    fits<WorkMessage<Order>, Message<Order>>()
  },

  'a worker knows its message'() {
    fits<{ queue: Queue<Order>; processMessage(context: MessageContext<Order>): void }, WorkerOptions<Order>>()
    fits<{ client: Millrace; queue: string; processMessage(): void }, WorkerOptions<Order>>()
    fits<{ url: string; token: string; queue: string; processMessage(): Promise<void> }, WorkerOptions<Order>>()
    // @ts-expect-error neither where nor which
    fits<{ queue: string; processMessage(): void }, WorkerOptions<Order>>()
  },

  'the client says what core says'() {
    fits<RefusalCode, ErrorCode>()
    fits<Core.SentMessage, SentMessage>()
    fits<SentMessage, Core.SentMessage>()
    fits<Core.Settled, Settled>()
    fits<Settled, Core.Settled>()
    same<Same<Exclude<keyof Core.QueueView, 'door'>, Exclude<keyof QueueInfo, 'oldest' | 'newest'>>>()
    type Options = keyof SendOptions
    same<Same<Options, Exclude<keyof WireMessage, 'body' | 'text' | 'base64'>>>()
    same<Same<Options, Exclude<keyof NewMessage, 'body' | 'senderId' | 'door' | 'keepsReceiveLimit'>>>()
  },

  'a Millrace is opened in a directory, or over a store'() {
    fits<{ directory: string }, OpenOptions>()
    // @ts-expect-error
    fits<{ account: string }, OpenOptions>()
    fits<{ url: string }, ClientOptions>()
    // @ts-expect-error
    fits<{ token: string }, ClientOptions>()
  },
}
