import type { QueueEngine } from '../core/engine-api.ts'
import type { Account } from '../core/identity/model.ts'
import type { QueueView } from '../core/requests.ts'

export interface QueueLister {
  readonly engine: Pick<QueueEngine, 'listQueues'>
  readonly listAccounts: (query: {
    after?: string
    limit: number
  }) => Promise<{ readonly accounts: readonly Account[]; readonly next: string | null }>
}

/** Queues a request, so that a look at many thousands never holds up other requests for long. */
const pageSize = 100

/** Every queue of every account. */
export async function* everyQueue(lister: QueueLister, what: { readonly overview?: boolean } = {}) {
  for await (const { name: account } of everyAccount(lister)) {
    yield* pages<QueueView>(async (after) => {
      const { queues, next } = await lister.engine.listQueues({ account, limit: pageSize, ...what, ...after })
      return { items: queues, next }
    })
  }
}

const everyAccount = ({ listAccounts }: QueueLister) =>
  pages<Account>(async (after) => {
    const { accounts, next } = await listAccounts({ limit: 1000, ...after })
    return { items: accounts, next }
  })

async function* pages<Item>(
  read: (after: {
    readonly after?: string
  }) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
): AsyncGenerator<Item> {
  let after: string | null | undefined
  while (after !== null) {
    const page = await read(after === undefined ? {} : { after })
    yield* page.items
    after = page.next
  }
}
