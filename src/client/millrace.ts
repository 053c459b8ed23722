import type { MessageStatus } from '../protocols/native/schemas/look.ts'
import type { LaneTools } from './coalesce/lanes.ts'
import { maxBatch } from './limits.ts'
import { QueueHandle, type QueueSetup } from './queue.ts'
import { Session } from './session.ts'
import type { CallOptions } from './types/message.ts'
import type { Admin, Groups, Millrace, Queues, Tasks } from './types/millrace.ts'

/** Everything that can be done with a backend, wherever it is. */
export class MillraceHandle implements Millrace {
  readonly #session: Session

  constructor(tools: LaneTools) {
    this.#session = new Session(tools)
  }

  get queues(): Queues {
    return this.#session.tools.backend.queues
  }
  get groups(): Groups {
    return this.#session.tools.backend.groups
  }
  get tasks(): Tasks {
    return this.#session.tools.backend.tasks
  }
  get admin(): Admin {
    return this.#session.tools.backend.admin
  }

  queue<Out, In>(name: string, options: QueueSetup = {}): QueueHandle<Out, In> {
    return new QueueHandle<Out, In>(this.#session, name, options)
  }

  status(id: string, options: CallOptions = {}): Promise<MessageStatus | null> {
    return this.#session.tools.backend.status(id, options)
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Messages and bytes that travel together at most, as the native API has it. */
export const defaultLimits = { maxCount: maxBatch, maxWeight: 8 * 1024 * 1024 - 4096, together: true }
