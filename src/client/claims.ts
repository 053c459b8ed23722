import type { ClaimRecord } from './backend.ts'
import type { Bodies } from './bodies.ts'
import { ClaimedMessageView } from './message.ts'
import type { Receiving } from './receiver.ts'
import type { Session } from './session.ts'
import type { CallOptions } from './types/message.ts'
import type { Claim, ClaimOptions, Claims, RenewClaimOptions } from './types/queue.ts'

/** Several messages of a queue under one lease. */
export class QueueClaims<Out> implements Claims<Out> {
  readonly #session: Session
  readonly #receiving: Receiving
  readonly #bodies: Bodies

  constructor(session: Session, receiving: Receiving, bodies: Bodies) {
    this.#session = session
    this.#receiving = receiving
    this.#bodies = bodies
  }

  async create(options: ClaimOptions): Promise<Claim<Out> | null> {
    const { maxMessages = 10, ttlMs, graceMs = 0, signal } = options
    const { queue, group, holder } = this.#receiving
    const request = { queue, group, holder, maxMessages, ttlMs, graceMs, signal }
    const record = await this.#session.tools.backend.claim(request)
    return record && (await this.#view(record))
  }

  async get(claim: string, options: CallOptions = {}): Promise<Claim<Out>> {
    const { queue } = this.#receiving
    return await this.#view(await this.#session.tools.backend.getClaim({ queue, claim, signal: options.signal }))
  }

  async renew(claim: string, options: RenewClaimOptions): Promise<Claim<Out>> {
    const { ttlMs, graceMs = 0, signal } = options
    const { queue } = this.#receiving
    return await this.#view(await this.#session.tools.backend.renewClaim({ queue, claim, ttlMs, graceMs, signal }))
  }

  release(claim: string, options: CallOptions = {}): Promise<boolean> {
    const { queue } = this.#receiving
    return this.#session.tools.backend.releaseClaim({ queue, claim, signal: options.signal })
  }

  async #view({ id, ttlMs, graceMs, renewedAt, expiresAt, messages }: ClaimRecord): Promise<Claim<Out>> {
    const { queue, group } = this.#receiving
    const origin = { name: queue, group: group ?? 'default' }
    const deletions = this.#session.deletions({ queue, group, claim: id, leased: 'refuse' })
    const views = await this.#bodies.view(
      messages,
      (record, body) =>
        new ClaimedMessageView<Out>(origin, record, body, (message, { signal }) => deletions.delete(message, signal)),
    )
    return { id, ttlMs, graceMs, renewedAt, expiresAt, messages: views }
  }
}
