import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { isMillraceError, type QueueInfo } from '../../../client/index.ts'
import { addressOf, usePlace } from '../../address.ts'
import { useLive, useLiveQueue } from '../../data/live.tsx'
import type { LiveQueue } from '../../data/live-store.ts'
import type { Place } from '../../data/messages.ts'
import { accountClient } from '../../data/server.ts'
import { rate, shortCount } from '../../format.ts'
import { Link } from '../../link.tsx'
import { orderingNames, queuedOf, typeNames } from '../../types.ts'
import { messageOf } from '../../ui/notices.tsx'
import { TypeLetter } from '../../ui/type-letter.tsx'
import { SeriesCharts } from '../charts/series-charts.tsx'
import { QueueDialog } from '../queue-settings/queue-dialog.tsx'
import { GroupSelector } from './group-selector.tsx'
import { GroupsView } from './groups-view.tsx'
import type { ExtraColumn } from './messages/columns.tsx'
import { addressedReader, MessagesView } from './messages/messages-view.tsx'
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

export const QueueScreen = ({ account, name, tab }: { account: string; name: string; tab: string }) => {
  const live = useLiveQueue(account, name)
  const { accounts } = useLive()
  const place = useChosen(account, name)
  const [editing, setEditing] = useState(false)
  const { data, error } = useQuery({
    queryKey: ['queue', account, name],
    queryFn: ({ signal }) => accountClient(account).queues.get(name, { signal }),
    staleTime: 10_000,
    // The counts of groups come with the queue; those of all of them together are told as they change.
    refetchInterval: place.group === undefined && tab !== 'readers' ? false : 2000,
  })
  // Which values of its messages are columns stands in the queue's metadata, so that everyone sees the same.
  const columns = data?.settings.metadata.columns
  const extras = useMemo<readonly ExtraColumn[]>(
    () => (Array.isArray(columns) ? columns.filter(isColumn) : []),
    [columns],
  )
  if (error && !data) {
    const isGone = isMillraceError(error, 'QueueNotFound')
    return (
      <div className="empty">
        <h1>{name}</h1>
        <p role="alert">{isGone ? 'There is no such queue, or no message in it any more.' : messageOf(error)}</p>
      </div>
    )
  }
  const ordering = live?.ordering ?? data?.settings.ordering
  return (
    <div className={tab === 'messages' ? 'queue-page fills' : 'queue-page'}>
      <div className="head">
        <div className="named ellipsis">
          {accounts.length > 1 && <span className="muted">{account} / </span>}
          <h1>{name}</h1>
        </div>
        {ordering && <span className="tag">{orderingNames[ordering]}</span>}
        {live?.paused && <span className="tag warn">Paused</span>}
        {data && <GroupSelector queue={data} place={place} />}
        {live && <Chips queue={live} place={place} counts={countsOf(data, place) ?? live.counts} />}
        {live && (
          <span className="muted">
            {rate(live.in)}/s in · {rate(live.out)}/s out
          </span>
        )}
        <div className="right">{data && <QueueActions queue={data} live={live} />}</div>
      </div>
      <nav className="tabs" aria-label="Of this queue" ref={showCurrent}>
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
          key={JSON.stringify(place)}
          place={place}
          isRetained={place.group === undefined && data?.settings.consumerGroups === true}
          ordered={ordering !== undefined && ordering !== 'unordered'}
          extras={extras}
          onSettings={() => setEditing(true)}
        />
      )}
      {tab === 'send' && data && <SendView account={account} queue={data} />}
      {tab === 'tail' && <TailView account={account} queue={name} />}
      {tab === 'charts' && <SeriesCharts account={account} queue={name} />}
      {tab === 'readers' && data && <GroupsView account={account} queue={data} />}
      {!Object.hasOwn(tabs, tab) && <p className="empty">There is no such screen of a queue.</p>}
      {editing && data && <QueueDialog account={account} queue={data} onClose={() => setEditing(false)} />}
    </div>
  )
}

/** On a phone there is no room for all tabs. */
const showCurrent = (tabs: HTMLElement | null): void => {
  const current = tabs?.querySelector<HTMLElement>('[aria-current]')
  if (tabs && current) tabs.scrollLeft = current.offsetLeft + current.offsetWidth - tabs.clientWidth
}

/** The deliveries that the page's address names. */
const useChosen = (account: string, queue: string): Place => {
  const { query } = usePlace()
  const [group, dead] = [query.get('group'), query.get('dead') !== null]
  return useMemo(
    () => ({ account, queue, ...(group !== null && { group }), ...(dead && { deadLetters: true }) }),
    [account, queue, group, dead],
  )
}

const countsOf = (queue: QueueInfo | undefined, { group, deadLetters }: Place) => {
  const chosen = queue?.groups.find(({ name }) => name === group)
  return (deadLetters ? chosen?.deadLetters : chosen?.counts) ?? undefined
}

interface ChipsProps {
  readonly queue: LiveQueue
  readonly place: Place
  readonly counts: LiveQueue['counts']
}

/** The counts beside a queue, or of the chosen group: a click shows what is counted. */
const Chips = ({ queue: { account, name, today }, place, counts }: ChipsProps) => {
  // What was done today is known of the queue as a whole.
  const day = place.group === undefined ? today : null
  const when = (known: boolean) => (known ? 'today' : 'in all')
  const processed = day?.P ?? counts.processed
  const errored = day?.E ?? counts.errored
  const chips = [
    ['Q', 'Q', queuedOf(counts), 'now'],
    ['P', 'P', processed, when(day !== null)],
    ['E', 'E', errored, when(day !== null)],
    ...(counts.errored === errored ? [] : ([['ET', 'E', counts.errored, 'now']] as const)),
    ['F', 'F', day?.F ?? counts.filtered, when(day !== null)],
    ['D', 'D', counts.reprocessing, 'now'],
    ['S', 'S', counts.shelved, 'now'],
  ] as const
  return (
    <div className="chips">
      {chips.map(([label, type, value, moment]) => (
        <Link
          key={label}
          href={addressOf(['queues', account, name], { type, ...addressedReader(place) })}
          title={`${typeNames[type]} ${moment}`}
        >
          {label === type ? <TypeLetter type={type} /> : <span className={`letter ${type}`}>{label}</span>}
          {shortCount(value)}
          <span className="visually-hidden">
            {' '}
            {typeNames[type]} {moment}
          </span>
        </Link>
      ))}
    </div>
  )
}

const isColumn = (value: unknown): value is ExtraColumn =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as ExtraColumn).heading === 'string' &&
  typeof (value as ExtraColumn).path === 'string'
