import type { SettleAction } from '../protocols/native/schemas/settle.ts'
import type { ReceivedRecord } from './backend.ts'
import { MessageView, type Origin } from './message.ts'
import type { Checked } from './schema.ts'
import type {
  CallOptions,
  FinishedAs,
  FinishOptions,
  Message,
  ReleaseOptions,
  Settled,
  StepEvent,
} from './types/message.ts'

/** Where leased messages come from, and are settled. */
export interface Settler extends Origin {
  settle(message: Settling, action: SettleAction, options: SettleCall): Promise<Settled>
}

/** What goes with an action. */
export interface SettleCall extends CallOptions {
  readonly events?: readonly StepEvent[] | undefined
}

/** What a settler needs of a message, and tells it. */
export interface Settling {
  readonly receiptHandle: string
  settleFailed?(): void
}

const letters = { processed: 'P', errored: 'E', filtered: 'F', shelved: 'S' } as const

export class LeasedMessage<T> extends MessageView<T, ReceivedRecord> implements Message<T>, Settling {
  readonly #settler: Settler
  #settled = false
  #leasedUntil: number | undefined

  constructor(settler: Settler, record: ReceivedRecord, checked: Checked | undefined) {
    super(settler, record, checked)
    this.#settler = settler
  }

  get receiptHandle(): string {
    return this.record.receiptHandle
  }
  get leasedUntil(): number {
    return this.#leasedUntil ?? this.record.leasedUntil
  }
  get failures(): number {
    return this.record.failures
  }
  get settled(): boolean {
    return this.#settled
  }

  delete(options?: CallOptions): Promise<Settled> {
    return this.#settle({ do: 'delete' }, options)
  }

  async extend(visibilityTimeoutMs: number, options?: CallOptions): Promise<Settled> {
    const settled = await this.#settler.settle(this, { do: 'extend', visibilityTimeoutMs }, options ?? {})
    this.#leasedUntil = settled.visibleAt ?? this.#leasedUntil
    return settled
  }

  release(options: ReleaseOptions & CallOptions = {}): Promise<Settled> {
    const { delayMs, to, failed, reason, events, signal } = options
    return this.#settle(
      {
        do: 'release',
        ...(delayMs === undefined ? {} : { delayMs }),
        ...(to === undefined ? {} : { to }),
        ...(failed === undefined ? {} : { failed }),
        ...(reason === undefined ? {} : { reason }),
      },
      { events, signal },
    )
  }

  reprocess(delayMs: number, options: { reason?: string | undefined } & SettleCall = {}): Promise<Settled> {
    const { reason, ...call } = options
    return this.#settle({ do: 'reprocess', delayMs, ...(reason === undefined ? {} : { reason }) }, call)
  }

  finish(as: FinishedAs, options: FinishOptions & CallOptions = {}): Promise<Settled> {
    const { reason, outbound, ...call } = options
    return this.#settle(
      {
        do: 'finish',
        as: letters[as],
        ...(reason === undefined ? {} : { reason }),
        ...(outbound === undefined ? {} : { outbound }),
      },
      call,
    )
  }

  deadLetter(options: { reason?: string | undefined } & SettleCall = {}): Promise<Settled> {
    const { reason, ...call } = options
    return this.#settle({ do: 'dead-letter', ...(reason === undefined ? {} : { reason }) }, call)
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), receiptHandle: this.receiptHandle, leasedUntil: this.leasedUntil }
  }

  settleFailed(): void {
    this.#settled = false
  }

  #settle(action: SettleAction, options: SettleCall = {}): Promise<Settled> {
    this.#settled = true
    return this.#settler.settle(this, action, options)
  }
}
