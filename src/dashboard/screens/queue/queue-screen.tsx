import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isMillraceError, type QueueInfo } from '../../../client/index.ts'
import { addressOf } from '../../address.ts'
import { useLiveQueue } from '../../data/live.tsx'
import type { LiveQueue } from '../../data/live-store.ts'
import { accountClient } from '../../data/server.ts'
import { rate, shortCount } from '../../format.ts'
import { Link } from '../../link.tsx'
import { typeNames } from '../../types.ts'
import { messageOf } from '../../ui/notices.tsx'
import { TypeLetter } from '../../ui/type-letter.tsx'
import { SeriesCharts } from '../charts/series-charts.tsx'
import { QueueDialog } from '../queue-settings/queue-dialog.tsx'
import { GroupsView } from './groups-view.tsx'
import type { ExtraColumn } from './messages/columns.tsx'
import { MessagesView } from './messages/messages-view.tsx'
import { QueueActions } from './queue-actions.tsx'
import { SendView } from './send/send-view.tsx'
import { TailView } from './tail-view.tsx'

const tabs = {
  messages: 'Messages',
  send: 'Send',
  tail: 'Live tail',
  charts: 'Charts',
  readers: 'Workers and groups',
} as const

const noColumns: readonly ExtraColumn[] = []

export const QueueScreen = ({ account, name, tab }: { account: string; name: string; tab: string }) => {
  const live = useLiveQueue(account, name)
  const [editing, setEditing] = useState(false)
  const { data, error } = useQuery({
    queryKey: ['queue', account, name],
    queryFn: ({ signal }) => accountClient(account).queues.get(name, { signal }),
    staleTime: 10_000,
  })
  if (error && !data) {
    const isGone = isMillraceError(error, 'QueueNotFound')
    return (
      <div className="empty">
        <h1>{name}</h1>
        <p role="alert">{isGone ? 'There is no such queue, or no message in it any more.' : messageOf(error)}</p>
      </div>
    )
  }
  const ordered = live ? live.ordering !== 'unordered' : data?.settings.ordering !== 'unordered'
  return (
    <div className={tab === 'messages' ? 'queue-page fills' : 'queue-page'}>
      <div className="head">
        <h1 className="ellipsis">{name}</h1>
        <span className="tag">
          {live?.ordering === 'ordered' ? 'Ordered' : ordered ? 'Ordered by group' : 'Out of order'}
        </span>
        {live?.paused && <span className="tag warn">Paused</span>}
        {live && <Chips queue={live} />}
        {live && (
          <span className="muted">
            {rate(live.in)}/s in · {rate(live.out)}/s out
          </span>
        )}
        <div className="right">{data && <QueueActions queue={data} live={live} />}</div>
      </div>
      <nav className="tabs" aria-label="Of this queue">
        {Object.entries(tabs).map(([id, label]) => (
          <Link
            key={id}
            href={addressOf(['queues', account, name, ...(id === 'messages' ? [] : [id])])}
            aria-current={tab === id ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      {tab === 'messages' && (
        <MessagesView
          account={account}
          queue={name}
          ordered={ordered}
          extras={data ? extrasOf(data) : noColumns}
          onSettings={() => setEditing(true)}
        />
      )}
      {tab === 'send' && data && <SendView account={account} queue={data} />}
      {tab === 'tail' && <TailView account={account} queue={name} />}
      {tab === 'charts' && <SeriesCharts account={account} queue={name} />}
      {tab === 'readers' && data && <GroupsView account={account} queue={data} />}
      {editing && data && <QueueDialog account={account} queue={data} onClose={() => setEditing(false)} />}
    </div>
  )
}

/** The counts beside a queue: a click shows what is counted. */
const Chips = ({ queue: { account, name, counts, today } }: { queue: LiveQueue }) => {
  const processed = today?.P ?? counts.processed
  const errored = today?.E ?? counts.errored
  const chips = [
    ['Q', 'Q', counts.ready + counts.behind + counts.delayed + counts.leased, 'now'],
    ['P', 'P', processed, 'today'],
    ['E', 'E', errored, 'today'],
    ...(counts.errored === errored ? [] : ([['ET', 'E', counts.errored, 'now']] as const)),
    ['F', 'F', today?.F ?? counts.filtered, 'today'],
    ['D', 'D', counts.reprocessing, 'now'],
    ['S', 'S', counts.shelved, 'now'],
  ] as const
  return (
    <div className="chips">
      {chips.map(([label, type, value, when]) => (
        <Link key={label} href={addressOf(['queues', account, name], { type })} title={`${typeNames[type]} ${when}`}>
          {label === type ? <TypeLetter type={type} /> : <span className={`letter ${type}`}>{label}</span>}
          {shortCount(value)}
          <span className="visually-hidden">
            {' '}
            {typeNames[type]} {when}
          </span>
        </Link>
      ))}
    </div>
  )
}

/** Which values of its messages are columns stands in the queue's metadata, so that everyone sees the same. */
const extrasOf = (queue: QueueInfo): readonly ExtraColumn[] => {
  const key = JSON.stringify(queue.settings.metadata.columns ?? [])
  const known = extrasCache.get(key)
  if (known) return known
  const given: unknown = JSON.parse(key)
  const extras = Array.isArray(given) ? given.filter(isColumn) : []
  extrasCache.set(key, extras)
  return extras
}

/** So that the same columns are the same object, and the table is not made anew. */
const extrasCache = new Map<string, readonly ExtraColumn[]>()

const isColumn = (value: unknown): value is ExtraColumn =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as ExtraColumn).heading === 'string' &&
  typeof (value as ExtraColumn).path === 'string'
