import type { CountAnswer, MessageDetails, SearchPage } from '../../protocols/native/schemas/operate.ts'
import type { Series, WatchEvent, WatchRequest } from '../../protocols/native/schemas/watch.ts'
import type { Operator } from '../types/operator.ts'
import type { Api } from './api.ts'

export const httpOperator = (api: Api): Operator => ({
  async search(queue, body = {}, { signal } = {}): Promise<SearchPage> {
    const path = ['queues', queue, 'messages', 'search']
    return (await api.call<SearchPage>({ method: 'POST', path, body, repeatable: 'always', signal })).value
  },
  async count(queue, body = {}, { signal } = {}): Promise<CountAnswer> {
    const path = ['queues', queue, 'messages', 'count']
    return (await api.call<CountAnswer>({ method: 'POST', path, body, repeatable: 'always', signal })).value
  },
  export(queue, body = {}, { signal } = {}) {
    const path = ['queues', queue, 'messages', 'export']
    return api.lines({ method: 'POST', path, body, repeatable: 'always', signal })
  },
  async details(id, { signal } = {}): Promise<MessageDetails | null> {
    const path = ['messages', id, 'details']
    const { status, value } = await api.call<MessageDetails>({
      method: 'GET',
      path,
      repeatable: 'always',
      signal,
      expect: 404,
    })
    return status === 404 ? null : value
  },
  watch: (request = {}, { signal } = {}) => watch(api, request, signal),
  async series(query = {}, { signal } = {}): Promise<Series> {
    return (await api.call<Series>({ method: 'GET', path: ['series'], query, repeatable: 'always', signal })).value
  },
})

async function* watch(
  api: Api,
  body: WatchRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent, void, void> {
  const call = { method: 'POST', path: ['watch'], body, repeatable: 'always', signal } as const
  for await (const line of api.lines(call)) {
    if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length)) as WatchEvent
  }
}
