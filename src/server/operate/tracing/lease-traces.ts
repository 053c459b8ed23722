const maxLeases = 50_000

/**
 * Whose trace a receipt handle belongs to, for a settlement names nothing else. The oldest make room: a settlement that
 * comes after 50,000 other receives has a span without a link.
 */
export class LeaseTraces {
  readonly #traceparents = new Map<string, string>()

  remember(receiptHandle: string | null, traceparent: string | undefined): void {
    if (receiptHandle === null || traceparent === undefined) return
    this.#traceparents.set(receiptHandle, traceparent)
    if (this.#traceparents.size <= maxLeases) return
    const oldest = this.#traceparents.keys().next()
    if (!oldest.done) this.#traceparents.delete(oldest.value)
  }

  of(receiptHandle: string): string | undefined {
    return this.#traceparents.get(receiptHandle)
  }
}
