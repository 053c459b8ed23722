import { columnOrderingFeature, columnSizingFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table'
import type { ReactNode } from 'react'
import type { WatchedMessage } from '../../../../client/index.ts'
import type { Row } from '../../../data/messages.ts'
import { clockTime, dateTime, left, span, utc } from '../../../format.ts'
import { typeNames } from '../../../types.ts'
import { TypeLetter } from '../../../ui/type-letter.tsx'

export const features = tableFeatures({ columnSizingFeature, columnOrderingFeature })

/** A row of the last query, with what has become of it since. */
export interface ShownRow extends Pick<WatchedMessage, Exclude<keyof WatchedMessage, 'id'>> {
  readonly id: string
  readonly message: Row
  readonly isGone: boolean
}

export const shownRow = (message: Row, now: WatchedMessage | undefined, isGone: boolean): ShownRow => ({
  id: message.id,
  message,
  isGone,
  type: now?.type ?? message.type,
  state: now?.state ?? message.state,
  sentAt: message.sentAt,
  modifiedAt: now?.modifiedAt ?? message.modifiedAt,
  visibleAt: now ? now.visibleAt : (message.visibleAt ?? null),
  receiveCount: now?.receiveCount ?? message.receiveCount,
  reprocessCount: now?.reprocessCount ?? message.reprocessCount,
  holder: now ? now.holder : (message.holder ?? null),
  reason: now ? now.reason : (message.reason ?? null),
})

const Time = ({ at }: { at: number }) => <time title={utc(at)}>{dateTime(at)}</time>

const soonMs = 3_600_000

/** When a D row goes back; within the hour, also how long that is, for which the day makes room. */
const ReprocessTime = ({ at, now }: { at: number; now: number }) =>
  at - now < soonMs ? (
    <>
      <time title={utc(at)}>{clockTime(at)}</time>
      <span className="countdown" title="Time left">
        {at > now ? left(at - now) : 'now'}
      </span>
    </>
  ) : (
    <Time at={at} />
  )

/** Whether what the row shows changes with every second. */
export const isCounting = ({ type, visibleAt }: ShownRow, now: number): boolean =>
  type === 'D' && visibleAt !== null && visibleAt - now < soonMs

const TypeCell = ({ type, state, holder }: ShownRow) => (
  <span className="type-cell">
    <TypeLetter type={type} />
    {state === 'leased' && (
      <span className="in-work" title={`In work${holder ? ` by ${holder}` : ''}`}>
        <span className="spinner" aria-hidden="true" />
        <span className="ellipsis">{holder ?? 'in work'}</span>
      </span>
    )}
  </span>
)

export interface ExtraColumn {
  readonly heading: string
  /** `patient.ids.0`, or the same as `$.patient.ids[0]`. */
  readonly path: string
}

interface ColumnLook {
  readonly heading: string
  readonly hint?: string
  readonly size: number
  readonly numeric?: boolean
  readonly mono?: boolean
  readonly cell: (row: ShownRow, now: number) => ReactNode
}

/** Together, with the one for the menu, no wider than a window of 1360 pixels has room for. */
const looks = {
  queued: { heading: 'Queued Date/Time', size: 146, cell: ({ sentAt }) => <Time at={sentAt} /> },
  modified: {
    heading: 'Modified Date/Time',
    hint: 'When it was last processed or changed',
    size: 150,
    cell: ({ modifiedAt }) => <Time at={modifiedAt} />,
  },
  delay: {
    heading: 'Delay',
    hint: 'Modified minus Queued: how long it took. The delay of type D is in Reprocess Date/Time.',
    size: 84,
    numeric: true,
    cell: ({ modifiedAt, sentAt }) => span(modifiedAt - sentAt),
  },
  type: {
    heading: 'Queue',
    hint: `The type: ${Object.entries(typeNames)
      .map(([letter, name]) => `${letter} ${name}`)
      .join(', ')}`,
    size: 104,
    cell: (row) => <TypeCell {...row} />,
  },
  key: {
    heading: 'DB Key',
    hint: 'Rises with arrival',
    size: 84,
    numeric: true,
    cell: ({ message }) => message.position,
  },
  id: { heading: 'Message ID', size: 200, mono: true, cell: ({ id }) => id },
  reprocessed: {
    heading: '#Reprocess',
    hint: 'How often it was put into type D',
    size: 96,
    numeric: true,
    cell: ({ reprocessCount }) => reprocessCount,
  },
  reprocessAt: {
    heading: 'Reprocess Date/Time',
    hint: 'When it goes back from type D to Q',
    size: 162,
    cell: ({ type, visibleAt }, now) =>
      type === 'D' && visibleAt !== null ? <ReprocessTime at={visibleAt} now={now} /> : null,
  },
  attempts: {
    heading: 'Attempts',
    hint: 'How often it was handed to a worker',
    size: 84,
    numeric: true,
    cell: ({ receiveCount }) => receiveCount,
  },
  event: {
    heading: 'Last event',
    hint: 'What was last said of it',
    size: 148,
    // A dead letter has a life of its own, in which nothing may have happened yet: then why it is one.
    cell: ({ reason, message }) => {
      const text = reason ?? message.deadLetterSource?.reason
      return text ? (
        <span className="said" title={text}>
          {text.split('\n', 1)[0]}
        </span>
      ) : null
    },
  },
} satisfies Record<string, ColumnLook>

export const widths = { least: 56, most: 900 }

const helper = createColumnHelper<typeof features, ShownRow>()

const extraLook = ({ heading, path }: ExtraColumn): ColumnLook => ({
  heading,
  hint: `${path}, out of the message`,
  size: 140,
  cell: ({ message }) => valueAt(message, path),
})

const valueAt = (message: Row, path: string): string | null => {
  let value: unknown = message.body
  for (const name of path
    .replace(/^\$\.?/, '')
    .replace(/\[['"]?([^\]'"]*)['"]?\]/g, '.$1')
    .replace(/^\./, '')
    .split('.')) {
    if (typeof value !== 'object' || value === null) return null
    value = (value as Record<string, unknown>)[name]
  }
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export const looksOf = (extras: readonly ExtraColumn[]): ReadonlyMap<string, ColumnLook> =>
  new Map<string, ColumnLook>([
    ...Object.entries(looks),
    ...extras.map((extra) => [`path:${extra.path}`, extraLook(extra)] as const),
  ])

export interface ShownColumn {
  readonly id: string
  readonly className: string
  readonly cell: ColumnLook['cell']
}

/** Columns from left to right, as the cells of a row need them. */
export const shownColumns = (order: readonly string[], all: ReadonlyMap<string, ColumnLook>): readonly ShownColumn[] =>
  order.flatMap((id) => {
    const look = all.get(id)
    if (!look) return []
    const { numeric, mono, cell } = look
    return [{ id, cell, className: [numeric && 'numeric', mono && 'mono', id].filter(Boolean).join(' ') }]
  })

export const columnsOf = (all: ReadonlyMap<string, ColumnLook>) =>
  helper.columns(
    Array.from(all, ([id, { heading, size }]) =>
      helper.display({ id, header: heading, size, minSize: widths.least, maxSize: widths.most }),
    ),
  )
