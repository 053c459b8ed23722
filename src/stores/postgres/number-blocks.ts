class Block {
  readonly size: number
  first = 0
  #next = 0
  #end = 0

  constructor(size: number) {
    this.size = size
  }

  get left(): number {
    return this.#end - this.#next
  }

  refill(first: number): void {
    // A later one has come in the meantime.
    if (first < this.first && this.left > 0) return
    this.first = first
    this.#next = first
    this.#end = first + this.size
  }

  /** The first of so many in a row; undefined: they are not left. */
  take(count: number): number | undefined {
    if (count > this.left) return undefined
    const first = this.#next
    this.#next += count
    return first
  }
}

/** Numbers that this node took from the sequences and has not given out yet. What is left at its end is lost. */
export class NumberBlocks {
  readonly numbers = new Block(1024)
  readonly groupIds = new Block(16)
  /** The block that positions come from, as long as no node has taken a later one. */
  readonly positions = new Block(1024)
}
