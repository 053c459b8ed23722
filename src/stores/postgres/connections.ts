import pg from 'pg'
import type { Address } from './address.ts'
import { isDisconnection, isHopeless } from './failures.ts'
import { Flight, type Rest, type Statement } from './flight.ts'

/** One connection, used by one transaction at a time. */
export class Connection {
  readonly client: pg.Client
  broken = false
  /** Begun, and neither committed nor rolled back. */
  inTransaction = false

  constructor(client: pg.Client) {
    this.client = client
  }

  /** Nothing to do if the transaction is over. */
  async rollback(): Promise<void> {
    if (!this.inTransaction || this.broken) return
    this.inTransaction = false
    await this.fly([{ text: 'ROLLBACK' }]).catch(() => {
      this.broken = true
    })
  }

  async fly(statements: readonly Statement[], rest?: Rest): Promise<void> {
    const flight = new Flight(statements, rest)
    this.client.query(flight)
    await flight.done
  }
}

/** Connections to whichever host takes writes; they are made when they are needed, and anew when they break. */
export class Connections {
  readonly #address: Address
  readonly #limit: number
  readonly #free: Connection[] = []
  readonly #all = new Set<Connection>()
  readonly #waiting: ((connection: Connection | undefined) => void)[] = []
  #making = 0
  #closed = false

  constructor(address: Address, limit: number) {
    this.#address = address
    this.#limit = limit
  }

  get open(): number {
    return this.#all.size
  }

  async take(): Promise<Connection> {
    while (true) {
      const free = this.#free.pop()
      if (free && !free.broken) return free
      if (this.#all.size + this.#making < this.#limit) return this.#make()
      const passed = await new Promise<Connection | undefined>((resolve) => this.#waiting.push(resolve))
      if (passed) return passed
    }
  }

  give(connection: Connection): void {
    if (connection.inTransaction && !connection.broken) {
      // Whoever has it next is served behind this.
      void connection.rollback()
    }
    if (connection.broken || this.#closed) {
      this.#drop(connection)
      this.#waiting.shift()?.(undefined)
      return
    }
    const next = this.#waiting.shift()
    if (next) next(connection)
    else this.#free.push(connection)
  }

  /** Statements that are no part of a transaction of units. */
  async run(statements: readonly Statement[]): Promise<void> {
    const connection = await this.take()
    try {
      connection.inTransaction = true
      await connection.fly(statements)
      connection.inTransaction = false
    } catch (error) {
      if (isDisconnection(error)) connection.broken = true
      throw error
    } finally {
      this.give(connection)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#all].map((connection) => connection.client.end().catch(() => {})))
  }

  async #make(): Promise<Connection> {
    this.#making++
    try {
      const connection = new Connection(await connectToPrimary(this.#address))
      this.#all.add(connection)
      connection.client.on('error', () => this.#drop(connection))
      connection.client.on('end', () => this.#drop(connection))
      return connection
    } finally {
      this.#making--
      if (this.#all.size + this.#making < this.#limit) this.#waiting.shift()?.(undefined)
    }
  }

  #drop(connection: Connection): void {
    connection.broken = true
    if (!this.#all.delete(connection)) return
    connection.client.end().catch(() => {})
  }
}

/** Tries the hosts in turn, and takes the first that is not a standby. */
export const connectToPrimary = async (address: Address): Promise<pg.Client> => {
  let failure: unknown
  for (const host of address.hosts) {
    const client = new pg.Client(address.clientConfig(host))
    client.on('error', () => {})
    try {
      await client.connect()
      if (address.hosts.length > 1 && (await isStandby(client))) {
        failure ??= Object.assign(new Error('every host that answers is a standby'), { code: 'ENOPRIMARY' })
        await client.end()
        continue
      }
      return client
    } catch (error) {
      // That one is wrong however often it is tried tells more than that another is not there.
      if (failure === undefined || isHopeless(error)) failure = error
      client.end().catch(() => {})
    }
  }
  throw failure
}

const isStandby = async (client: pg.Client): Promise<boolean> => {
  let standby = false
  const flight = new Flight([
    {
      text: 'SELECT pg_is_in_recovery()',
      rows: ([row]) => {
        standby = row?.[0] === 't'
      },
    },
  ])
  client.query(flight)
  await flight.done
  return standby
}
