import type { ReceivedRecord } from '../backend.ts'
import type { MillraceError } from '../error.ts'
import { LeasedMessage, type Settler } from '../leased-message.ts'
import type { Checked } from '../schema.ts'
import type { WorkMessage } from '../types/message.ts'

/** A message in the hands of a worker. Its signal is only made when somebody asks for it: most handlers do not. */
export class HeldMessage<T> extends LeasedMessage<T> implements WorkMessage<T> {
  #controller: AbortController | undefined
  #cause: unknown

  static of<T>(settler: Settler, record: ReceivedRecord, checked: Checked | undefined): HeldMessage<T> {
    return new HeldMessage<T>(settler, record, checked)
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#cause !== undefined) this.#controller.abort(this.#cause)
    }
    return this.#controller.signal
  }

  get lost(): boolean {
    return this.#cause !== undefined
  }

  lose(error: MillraceError): void {
    this.#cause ??= error
    this.#controller?.abort(error)
  }
}
