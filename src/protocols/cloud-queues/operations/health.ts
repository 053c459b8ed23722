import { noContent, okJson } from '../answer.ts'
import { type Call, laterVersions, type Operation, type Version } from '../operation.ts'

const probe = (method: 'GET' | 'HEAD', path: string, versions: readonly Version[]): Operation => ({
  name: `${method.toLowerCase()}_${path.slice(1)}`,
  summary: 'Answers as long as the server and its store do.',
  method,
  path,
  versions,
  access: 'anyone',
  async run({ engine }) {
    await engine.getDocument('probe', 'ready')
    return noContent()
  },
})

export const probes = [
  probe('GET', '/health', ['v1']),
  probe('HEAD', '/health', ['v1']),
  probe('GET', '/ping', laterVersions),
  probe('HEAD', '/ping', laterVersions),
]

export const health: Operation = {
  name: 'health',
  summary:
    'What an operator asks: whether the store can be reached, how many messages the project has, and how long operations take.',
  method: 'GET',
  path: '/health',
  versions: laterVersions,
  access: ['manage'],
  async run(call) {
    const began = call.clock.now()
    const { free, claimed } = await volumeOf(call)
    const seconds = (call.clock.now() - began) / 1000
    const status = { succeeded: true, seconds, ref: null }
    return okJson({
      storage_reachable: true,
      message_volume: { free, claimed, total: free + claimed },
      operation_status: { list_queues: status },
    })
  },
}

const volumeOf = async ({ engine, account }: Call): Promise<{ free: number; claimed: number }> => {
  const volume = { free: 0, claimed: 0 }
  let after: string | null | undefined
  while (after !== null) {
    const page = await engine.listQueues({ account, limit: 1000, ...(after !== undefined && { after }) })
    for (const { counts } of page.queues) {
      volume.free += counts.ready + counts.behind + counts.delayed + counts.reprocessing
      volume.claimed += counts.leased
    }
    after = page.next
  }
  return volume
}
