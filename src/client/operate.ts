import type { Backend, StoredRecord } from './backend.ts'
import type { StoredMessage } from './types/message.ts'
import type { MessageCount, Operate } from './types/operate.ts'

interface Place {
  readonly queue: string
  readonly group: string | undefined
  readonly deadLetters: boolean | undefined
}

export const operateOn = <T>(
  backend: Backend,
  place: Place,
  view: (records: readonly StoredRecord[]) => Promise<StoredMessage<T>[]>,
): Operate<T> => ({
  async search({ signal, ...options } = {}) {
    const { messages, ...rest } = await backend.search({ ...place, ...options, signal })
    return { messages: await view(messages), ...rest }
  },
  async count(filter, { signal } = {}) {
    const types: Record<string, number> = {}
    let count = 0
    let page: string | null | undefined
    while (page !== null) {
      const part = await backend.count({ ...place, filter, page, signal })
      for (const [type, of] of Object.entries(part.types)) types[type] = (types[type] ?? 0) + of
      count += part.count
      page = part.next
    }
    return { count, types: types as MessageCount['types'] }
  },
  act: (ids, action, { signal } = {}) => backend.act({ ...place, ids, action, signal }),
  actOnAll: (action, filter, { signal } = {}) => backend.actOnAll({ ...place, action, filter, signal }),
  workers: ({ signal } = {}) => backend.workers(place.queue, signal),
})
