import type { BrowseOptions, Queue, StoredMessage } from '../../client/index.ts'
import { exitCodes, Failure } from '../exit.ts'
import { printable } from '../output/text.ts'

/** What a page should hold, so that neither small messages take many requests nor large ones much memory. */
const pageBytes = 4 * 1024 * 1024
const firstPage = 20
const largestPage = 1000

export interface BrowsePlan extends BrowseOptions {
  /** How many messages in all. */
  readonly limit: number
}

/** The messages of a queue, page by page; pages get larger or smaller with the messages in them. */
export async function* browsePages(
  queue: Queue<unknown>,
  plan: BrowsePlan,
): AsyncGenerator<readonly StoredMessage<unknown>[]> {
  let { marker } = plan
  let left = plan.limit
  let pageSize = firstPage
  while (left > 0) {
    const limit = Math.min(left, pageSize)
    const page = await queue.browse({ ...plan, marker, limit })
    if (page.marker === null) throw await missing(queue, marker)
    if (page.messages.length === 0) return
    yield page.messages
    left -= page.messages.length
    marker = page.marker
    pageSize = nextPageSize(page.messages)
  }
}

const nextPageSize = (messages: readonly StoredMessage<unknown>[]): number => {
  const bytes = messages.reduce((sum, message) => sum + message.bytes().byteLength + 500, 0)
  const fitting = Math.floor((pageBytes * messages.length) / bytes)
  return Math.max(1, Math.min(fitting, largestPage, messages.length * 4))
}

/** Without a page there is either no queue, which `info` says, or no such place in it. */
const missing = async (queue: Queue<unknown>, marker: string | undefined): Promise<Failure> => {
  await queue.info()
  return new Failure(
    exitCodes.notFound,
    marker === undefined
      ? `Queue '${printable(queue.name)}' has gone`
      : `Queue '${printable(queue.name)}' does not know the place '${printable(marker)}'`,
  )
}
