import type { Connection, Submittable } from 'pg'
import { type CopiedColumns, copiedRow, type Row } from './columns.ts'

/** A parameterised statement without a name, so that any pooler between here and the server may pass it on. */
export interface Statement {
  readonly text: string
  readonly values?: readonly Parameter[]
  /** What a COPY FROM STDIN takes, of `copy-rows.ts`. */
  readonly copy?: Buffer
  /** What it gave, each column as PostgreSQL's text, once all of its flight went well. */
  readonly rows?: (rows: readonly Row[]) => void
  /** What a COPY TO STDOUT gave in binary form, likewise. */
  readonly copied?: (rows: readonly CopiedColumns[]) => void
}

/** Buffers travel in PostgreSQL's binary form: arrays of `binary.ts`, and bytes. */
export type Parameter = string | number | boolean | null | Buffer

/** What comes behind the other statements of a flight, once its time has come. */
export interface Rest {
  /** Called when the other statements are sent. If it fails, so does the flight. */
  readonly when: () => Promise<unknown>
  /** Called as it is sent, and not at all if the flight has failed by then. */
  readonly statements: () => readonly Statement[]
}

/**
 * Several statements sent at once, without waiting for the answers in between: one way to the server and back. When one
 * fails the server leaves out those behind it.
 */
export class Flight implements Submittable {
  #statements: readonly Statement[]
  #rest: Rest | undefined
  #wire: Wire | undefined
  readonly #results: Result[] = []
  #rows: Row[] = []
  #copied: CopiedColumns[] = []
  #settled = false
  readonly #resolve: () => void
  readonly #reject: (error: Error) => void
  readonly done: Promise<void>
  /** `pg` sets and calls it for queries of its own; it has to be there. */
  callback = (): void => {}

  /** `rest`: the statements before it are sent at once all the same, and the server works on them meanwhile. */
  constructor(statements: readonly Statement[], rest?: Rest) {
    this.#statements = statements
    this.#rest = rest
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.done = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  submit(connection: Connection): void {
    this.#wire = connection as unknown as Wire
    this.#send(this.#statements, !this.#rest)
    this.#rest
      ?.when()
      .then(() => this.#sendRest())
      .catch((error) => this.handleError(error))
  }

  #sendRest(): void {
    if (!this.#rest) return
    const statements = this.#rest.statements()
    this.#statements = [...this.#statements, ...statements]
    this.#send(statements, true)
    this.#rest = undefined
  }

  #send(statements: readonly Statement[], isLast: boolean): void {
    const wire = this.#wire as Wire
    wire.stream.cork()
    try {
      for (const { text, values, copy } of statements) {
        wire.parse({ text, name: '', types: [] })
        wire.bind({ values: values ?? [], valueMapper: plain })
        wire.execute({})
        if (copy) {
          // Not awaited: if an earlier statement fails the server leaves it out with the rest.
          const head = Buffer.allocUnsafe(5)
          head[0] = copyData
          head.writeInt32BE(copy.length + 4, 1)
          wire.stream.write(head)
          wire.stream.write(copy)
          wire.endCopyFrom()
        }
      }
      if (isLast) wire.sync()
    } finally {
      wire.stream.uncork()
    }
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { fields: Row }): void {
    this.#rows.push(fields)
  }

  handleCommandComplete(): void {
    this.#results.push({ rows: this.#rows, copied: this.#copied })
    this.#rows = []
    this.#copied = []
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete()
  }

  handlePortalSuspended(): void {}

  handleCopyInResponse(): void {}

  /** The server gives each row by itself. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const row = copiedRow(chunk)
    if (row) this.#copied.push(row)
  }

  handleReadyForQuery(): void {
    if (this.#settled) return
    this.#settled = true
    try {
      for (const [index, { rows, copied }] of this.#statements.entries()) {
        const result = this.#results[index]
        rows?.(result?.rows ?? [])
        copied?.(result?.copied ?? [])
      }
      this.#resolve()
    } catch (error) {
      this.#reject(error as Error)
    }
  }

  /** Of a statement, of the connection, or of the rest that could not be sent. */
  handleError(error: Error): void {
    if (this.#settled) return
    this.#settled = true
    // Until then the server takes nothing else.
    if (this.#rest) this.#wire?.sync()
    this.#rest = undefined
    this.#reject(error)
  }
}

interface Result {
  readonly rows: readonly Row[]
  readonly copied: readonly CopiedColumns[]
}

const plain = (value: unknown): unknown =>
  typeof value === 'boolean' || typeof value === 'number' ? String(value) : value

const copyData = 'd'.charCodeAt(0)

/** What `pg`'s connection can do beyond its types. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void; write(bytes: Buffer): boolean }
  parse(query: { text: string; name: string; types: readonly number[] }): void
  bind(config: { values: readonly Parameter[]; valueMapper: (value: unknown) => unknown }): void
  execute(config: object): void
  endCopyFrom(): void
  sync(): void
}
