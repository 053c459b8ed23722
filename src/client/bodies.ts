import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { MessageRecord } from './backend.ts'
import { MillraceError } from './error.ts'
import { rawBody } from './message.ts'
import { type Checked, check } from './schema.ts'
import type { BodyCheck } from './types/queue.ts'

/** Holds the bodies of a queue to its schema, if it has one. */
export class Bodies {
  readonly #outgoing: StandardSchemaV1 | undefined
  readonly #incoming: StandardSchemaV1 | undefined

  constructor(schema: StandardSchemaV1 | undefined, when: BodyCheck = 'both') {
    this.#outgoing = when === 'receive' ? undefined : schema
    this.#incoming = when === 'send' ? undefined : schema
  }

  /** Throws when the body may not be sent; returns a promise only if the schema needs time. The body goes out as it was given. */
  checkOutgoing(body: unknown): Promise<void> | undefined {
    if (!this.#outgoing) return undefined
    const checked = check(this.#outgoing, body)
    if (checked instanceof Promise) return checked.then(throwRefused)
    throwRefused(checked)
    return undefined
  }

  /** What the messages are made of: without a schema, nothing is decoded yet. */
  async view<Of extends MessageRecord, View>(
    records: readonly Of[],
    make: (record: Of, checked: Checked | undefined) => View,
  ): Promise<View[]> {
    const schema = this.#incoming
    if (!schema) return records.map((record) => make(record, undefined))
    const checked = await Promise.all(records.map((record) => checkIncoming(schema, record)))
    return records.map((record, at) => make(record, checked[at]))
  }
}

const throwRefused = (checked: Checked): void => {
  if (!checked.ok) throw checked.error
}

/** Never throws: a message whose body is refused is handed out all the same, and says why when its body is read. */
const checkIncoming = async (schema: StandardSchemaV1, record: MessageRecord): Promise<Checked> => {
  try {
    return await check(schema, rawBody(record))
  } catch (error) {
    if (error instanceof MillraceError) return { ok: false, error }
    const reason = error instanceof Error ? error.message : String(error)
    const refusal = new MillraceError('InvalidBody', `The body could not be checked: ${reason}`, { cause: error })
    return { ok: false, error: refusal }
  }
}
