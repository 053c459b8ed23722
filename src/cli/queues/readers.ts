import type { Group } from '../../client/index.ts'
import { exitCodes, Failure } from '../exit.ts'
import { formatCount, formatRelative } from '../output/format.ts'
import { printable } from '../output/text.ts'
import type { ClientSession } from '../session.ts'

/** What reads a queue under a name of its own. */
export type ReaderKind = 'consumer' | 'subscriber'

const nouns = { consumer: 'group', subscriber: 'subscriber' } as const

export const readersOf = async (
  { client, interrupted }: ClientSession,
  queue: string,
  kind: ReaderKind,
): Promise<Group[]> => (await client.groups.list(queue, { signal: interrupted })).filter((group) => group.kind === kind)

/** Deletes the reader of this kind; one of the other kind that has the name stays. */
export const deleteReader = async (
  session: ClientSession,
  queue: string,
  name: string,
  kind: ReaderKind,
): Promise<undefined> => {
  const { client, output, interrupted } = session
  const noun = nouns[kind]
  const isThere = (await readersOf(session, queue, kind)).some((reader) => reader.name === name)
  const deleted = isThere && (await client.groups.delete(queue, name, { signal: interrupted }))
  if (!deleted) {
    throw new Failure(exitCodes.notFound, `Queue '${printable(queue)}' has no ${noun} '${printable(name)}'.`)
  }
  await output.result({ queue, [noun]: name, deleted }, `Deleted ${noun} ${printable(name)}.`)
  return undefined
}

const right = 'right' as const

/** How many messages wait for a reader, and how many are in work. */
export const stateColumns = [
  {
    header: 'READY',
    value: ({ counts, pending }: Group) => formatCount(counts.ready + counts.behind + pending),
    align: right,
  },
  { header: 'DELAYED', value: ({ counts }: Group) => formatCount(counts.delayed + counts.reprocessing), align: right },
  { header: 'LEASED', value: ({ counts }: Group) => formatCount(counts.leased), align: right },
]

/** What it has behind it. */
export const pastColumns = (now: number) => [
  { header: 'DONE', value: ({ counts }: Group) => formatCount(counts.done), align: right },
  { header: 'CREATED', value: ({ createdAt }: Group) => formatRelative(createdAt, now), align: right },
]
