import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useMemo, useState } from 'react'
import { addressOf } from '../../address.ts'
import type { LiveQueue, LiveState } from '../../data/live-store.ts'
import { count, rate, shortCount, span } from '../../format.ts'
import { Link } from '../../link.tsx'
import { orderingNames, queuedOf } from '../../types.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Glyph } from '../../ui/icons.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { stepsOf } from './rates.ts'

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns })
const helper = createColumnHelper<typeof features, LiveQueue>()

const columns = helper.columns([
  helper.accessor('name', { header: 'Queue' }),
  helper.accessor(({ counts }) => queuedOf(counts), { id: 'q', header: 'Q', sortDescFirst: true }),
  helper.accessor(({ counts }) => counts.reprocessing, { id: 'd', header: 'D', sortDescFirst: true }),
  helper.accessor((queue) => queue.today?.P ?? queue.counts.processed, { id: 'p', header: 'P', sortDescFirst: true }),
  helper.accessor((queue) => queue.today?.E ?? queue.counts.errored, { id: 'e', header: 'E', sortDescFirst: true }),
  helper.accessor(({ counts }) => counts.errored, { id: 'et', header: 'ET', sortDescFirst: true }),
  helper.accessor((queue) => queue.today?.F ?? queue.counts.filtered, { id: 'f', header: 'F', sortDescFirst: true }),
  helper.accessor((queue) => queue.in + queue.out, { id: 'rate', header: 'In / out', sortDescFirst: true }),
  helper.accessor(({ oldestWaitingAt }) => -(oldestWaitingAt ?? Number.MAX_SAFE_INTEGER), {
    id: 'age',
    header: 'Oldest',
    sortDescFirst: true,
  }),
  helper.accessor('workers', { header: 'Workers', sortDescFirst: true }),
])

const explanations: Readonly<Record<string, string>> = {
  q: 'All messages of type Q now: waiting or in work',
  d: 'All messages of type D now: delayed by their worker',
  p: 'Processed today',
  e: 'Errored today',
  et: 'All messages of type E now, where that differs from today’s',
  f: 'Filtered today',
  rate: 'Messages a second that come and go',
  age: 'Age of the oldest waiting message',
  workers: 'Workers connected, and push targets',
}

/** Rows in the page at once, however many queues there are. */
const pageSize = 100

export const QueueTable = ({ live: { queues, accounts, at, known, more } }: { live: LiveState }) => {
  const [sorting, setSorting] = useState<SortingState>([{ id: 'name', desc: false }])
  const [wanted, setWanted] = useState('')
  const data = useMemo(() => {
    const text = wanted.trim().toLowerCase()
    if (text === '') return queues as LiveQueue[]
    return queues.filter(({ name, account }) => `${account} ${name}`.toLowerCase().includes(text))
  }, [queues, wanted])
  const table = useTable({
    features,
    columns,
    data,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: ({ account, name }) => `${account}\n${name}`,
  })
  const rows = table.getRowModel().rows
  const [wantedPage, setPage] = useState(0)
  const pages = Math.max(1, Math.ceil(rows.length / pageSize))
  const page = Math.min(wantedPage, pages - 1)
  const shown = rows.slice(page * pageSize, (page + 1) * pageSize)
  return (
    <Panel
      title="Queues"
      beside={
        <div className="right">
          <input
            className="input"
            type="search"
            aria-label="Show only queues whose name contains"
            placeholder="Filter by name"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </div>
      }
    >
      <div className="scroll" tabIndex={0} role="group" aria-label="Table of queues">
        <table className="queues">
          <thead>
            <tr>
              {table.getFlatHeaders().map((header) => {
                const sorted = header.column.getIsSorted()
                return (
                  <th
                    key={header.id}
                    scope="col"
                    className={header.id}
                    aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                  >
                    <button type="button" title={explanations[header.id]} onClick={() => header.column.toggleSorting()}>
                      {String(header.column.columnDef.header)}
                      {sorted && <Glyph name={sorted === 'asc' ? 'up' : 'down'} size={11} />}
                    </button>
                  </th>
                )
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <QueueRow key={row.id} queue={row.original} at={at} withAccount={accounts.length > 1} />
            ))}
          </tbody>
        </table>
      </div>
      {known && rows.length === 0 && (
        <p className="empty">
          {queues.length === 0
            ? 'There are no queues yet. One comes into being with its first message, or by “New queue”.'
            : 'No queue has a name like that.'}
        </p>
      )}
      {pages > 1 && (
        <nav className="pages" aria-label="Pages of queues">
          <IconButton icon="previous" label="Previous queues" disabled={page === 0} onClick={() => setPage(page - 1)} />
          <span className="muted" aria-live="polite">
            {count(page * pageSize + 1)} to {count(page * pageSize + shown.length)} of {count(rows.length)}
          </span>
          <IconButton icon="next" label="More queues" disabled={page === pages - 1} onClick={() => setPage(page + 1)} />
        </nav>
      )}
      {more && (
        <p className="more muted" role="note">
          The server looks at {count(queues.length)} queues every second and tells of no more than these; sums and
          warnings are of them alone. Every other queue opens by its whole name, typed into the search box above.
        </p>
      )}
    </Panel>
  )
}

const Number_ = ({ value, tone = '' }: { value: number; tone?: string }) => (
  <td className={`numeric ${value > 0 ? tone : 'zero'}`} title={count(value)}>
    {shortCount(value)}
  </td>
)

const QueueRow = ({ queue, at, withAccount }: { queue: LiveQueue; at: number; withAccount: boolean }) => {
  const { counts, today, push } = queue
  const erroredToday = today?.E ?? counts.errored
  const failing = push.filter(({ state }) => state !== 'healthy').length
  return (
    <tr>
      <th scope="row">
        <div className="name">
          <Link href={addressOf(['queues', queue.account, queue.name])}>{queue.name}</Link>
          {queue.paused && <span className="tag warn">Paused</span>}
          {queue.isDeadLetterQueue && <span className="tag">Dead letters</span>}
          {queue.consumerGroups && <span className="tag">Groups</span>}
        </div>
        <div className="sub muted">
          {withAccount && `${queue.account} · `}
          {orderingNames[queue.ordering]}
        </div>
      </th>
      <Number_ value={queuedOf(counts)} tone="q" />
      <Number_ value={counts.reprocessing} tone="d" />
      <Number_ value={today?.P ?? counts.processed} tone="p" />
      <Number_ value={erroredToday} tone="e" />
      {counts.errored === erroredToday ? <td /> : <Number_ value={counts.errored} tone="e" />}
      <Number_ value={today?.F ?? counts.filtered} tone="f" />
      <td className="rate">
        <Sparkline
          values={stepsOf(queue.trail, 'entered')}
          other={stepsOf(queue.trail, 'done')}
          label={`${rate(queue.in)} a second in, ${rate(queue.out)} out`}
        />
        <span aria-hidden="true">
          {rate(queue.in)} / {rate(queue.out)}
        </span>
      </td>
      <td className="numeric">{queue.oldestWaitingAt === null ? '' : span(Math.max(0, at - queue.oldestWaitingAt))}</td>
      <td className="numeric">
        {queue.workers > 0 && count(queue.workers)}
        {push.length > 0 && (
          <span className={failing > 0 ? 'tag bad' : 'tag good'}>{failing > 0 ? 'Push fails' : 'Push'}</span>
        )}
      </td>
    </tr>
  )
}
