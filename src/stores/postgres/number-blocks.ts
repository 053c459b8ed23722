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

  /** The next one it would give. */
  get next(): number {
    return this.#next
  }

  refill(first: number): void {
    // A later one has come in the meantime.
    if (first < this.first && this.left > 0) return
    this.first = first
    this.#next = first
    this.#end = first + this.size
  }

  /** What is left is lost. */
  drop(): void {
    this.#next = this.#end
  }

  /** The first of so many in a row; undefined: they are not left. */
  take(count: number): number | undefined {
    if (count > this.left) return undefined
    const first = this.#next
    this.#next += count
    return first
  }
}

/** Blocks of positions, in ascending order. In a queue in which a later position than these was taken they are of no use. */
class PositionBlocks {
  readonly size = 1024
  #blocks: { next: number; readonly end: number }[] = []
  #floor = 0
  /** So many were asked for at once that were not there. */
  missed = false

  get left(): number {
    let left = 0
    for (const { next, end } of this.#blocks) left += end - next
    return left
  }

  get next(): number {
    return this.#blocks[0]?.next ?? 0
  }

  add(first: number): void {
    if (first < this.#floor) return
    this.missed = false
    this.#blocks.push({ next: first, end: first + this.size })
    // Answers need not come in the order in which they were given.
    this.#blocks.sort((a, b) => a.next - b.next)
  }

  /** The first of so many in a row, after all that were taken before. What a block has left then is lost. */
  take(count: number): number | undefined {
    const at = this.#blocks.findIndex(({ next, end }) => end - next >= count)
    this.missed = at < 0
    if (at < 0) return undefined
    if (at > 0) this.#blocks = this.#blocks.slice(at)
    const [block] = this.#blocks as [{ next: number; end: number }]
    const first = block.next
    block.next += count
    return first
  }

  /** Those that were taken last, and are not used after all. */
  giveBack(first: number, count: number): void {
    const [block] = this.#blocks
    if (block && first + count === block.next) block.next = first
  }

  clear(): void {
    this.#blocks = []
  }

  /** Lets go of all, and of those that are still to come and lie below. */
  dropBelow(floor: number): void {
    this.#floor = Math.max(floor, this.#floor)
    this.clear()
  }
}

/** Numbers that this node took from the sequences and has not given out yet. What is left at its end is lost. */
export class NumberBlocks {
  readonly numbers = new Block(1024)
  readonly groupIds = new Block(16)
  readonly positions = new PositionBlocks()
  /** The latest block: for queues in which others have taken later positions than those. */
  readonly latest = new Block(1024)

  /** Lets go of all: numbers from here on are to be given. */
  drop(floor: number): void {
    for (const block of [this.numbers, this.groupIds, this.latest]) block.drop()
    this.positions.dropBelow(floor)
  }
}
