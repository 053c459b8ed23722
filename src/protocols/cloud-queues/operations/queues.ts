import type { Principal } from '../../../core/identity/identity.ts'
import { allows, scopes } from '../../../core/identity/identity.ts'
import type { QueueView } from '../../../core/requests.ts'
import { noContent, okJson } from '../answer.ts'
import type { Fields } from '../documents.ts'
import { contentLocation, nextLink, queueLink } from '../links.ts'
import { metadataOf } from '../metadata/metadata.ts'
import { queueName } from '../metadata/reserved.ts'
import { allVersions, type Call, type Operation } from '../operation.ts'
import { pageSize } from '../pages.ts'

const own = ['marker', 'limit', 'detailed', 'name', 'with_count']
const batch = 1000

export const listQueues: Operation = {
  name: 'queues',
  summary: 'Lists the queues of the project by name, a page at a time.',
  method: 'GET',
  path: '/queues',
  versions: allVersions,
  access: ['send', 'receive', 'manage'],
  async run(call) {
    const { query, version, base } = call
    const limit = pageSize(call)
    const detailed = query.boolean('detailed')
    const isV2 = version === 'v2'
    const wanted = isV2 ? query.text('name') : undefined
    const with_count = isV2 ? query.boolean('with_count') : undefined
    const filters = isV2 ? [...query.entries()].filter(([name]) => !own.includes(name)) : []

    const found: QueueView[] = []
    for await (const queue of queuesAfter(call, query.text('marker'), wanted)) {
      if (wanted !== undefined && queue.name !== wanted) continue
      if (!filters.every(([key, value]) => hasMetadata(metadataOf(queue.settings, call.settings, true), key, value)))
        continue
      found.push(queue)
      if (found.length === limit) break
    }
    const queues = found.map(({ name, settings }) => ({
      name,
      href: queueLink(call, name),
      ...(detailed && { metadata: metadataOf(settings, call.settings, isV2) }),
    }))
    const said = { limit: query.integer('limit'), detailed, name: wanted, with_count, ...Object.fromEntries(filters) }
    const last = queues.at(-1)
    const links = last ? [nextLink(`${base}/queues`, last.name, said)] : []
    const headers = version === 'v1' ? contentLocation(call, true) : undefined
    if (!last && version === 'v1') return noContent(headers)
    return okJson({ queues, links, ...(with_count && { count: await countQueues(call) }) }, headers)
  },
}

/** Those that this API has names for, and that the client may do anything with. */
async function* queuesAfter(
  { engine, account, principal }: Call,
  marker?: string,
  prefix = '',
): AsyncGenerator<QueueView> {
  let after: string | null | undefined = marker
  let limit = 50
  while (after !== null) {
    const page = await engine.listQueues({ account, prefix, limit, ...(after !== undefined && { after }) })
    for (const queue of page.queues) if (queueName.test(queue.name) && mayUse(principal, queue.name)) yield queue
    after = page.next
    limit = batch
  }
}

const mayUse = (principal: Principal, queue: string): boolean => scopes.some((scope) => allows(principal, scope, queue))

const countQueues = async (call: Call): Promise<number> => {
  let count = 0
  for await (const _queue of queuesAfter(call)) count++
  return count
}

/** A text that is an integer stands for one. */
const hasMetadata = (metadata: Fields, key: string, value: string): boolean => {
  const actual = Object.hasOwn(metadata, key) ? metadata[key] : undefined
  return actual === (/^-?\d{1,15}$/.test(value) ? Number(value) : value)
}
