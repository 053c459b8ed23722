import { type ReactNode, useState } from 'react'
import { useLive } from '../../data/live.tsx'
import type { LiveQueue, LiveState } from '../../data/live-store.ts'
import { count, plural, rate, shortCount, span } from '../../format.ts'
import { queuedOf } from '../../types.ts'
import { Glyph } from '../../ui/icons.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { QueueDialog } from '../queue-settings/queue-dialog.tsx'
import { Attention } from './attention.tsx'
import { QueueTable } from './queue-table.tsx'
import { ratesOf } from './rates.ts'

export const OverviewScreen = () => {
  const live = useLive()
  const [making, setMaking] = useState(false)
  return (
    <>
      <div className="head">
        <h1>Overview</h1>
        <span className="muted">
          {live.known ? `${live.more ? 'More than ' : ''}${plural(live.queues.length, 'queue')}` : 'Looking…'}
        </span>
        <div className="right">
          <button type="button" className="button primary" onClick={() => setMaking(true)}>
            <Glyph name="plus" />
            New queue
          </button>
        </div>
      </div>
      <Totals live={live} />
      <Attention live={live} />
      <QueueTable live={live} />
      {making && <QueueDialog onClose={() => setMaking(false)} />}
    </>
  )
}

const sum = (queues: readonly LiveQueue[], of: (queue: LiveQueue) => number): number =>
  queues.reduce((total, queue) => total + of(queue), 0)

const Totals = ({ live: { queues, at } }: { live: LiveState }) => {
  const trail = ratesOf(queues)
  const oldest = Math.min(...queues.map(({ oldestWaitingAt }) => oldestWaitingAt ?? Number.POSITIVE_INFINITY))
  const queued = sum(queues, ({ counts }) => queuedOf(counts))
  const inWork = sum(queues, ({ counts }) => counts.leased)
  return (
    <ul className="totals" aria-label="All queues together">
      <Total
        name="In"
        value={rate(sum(queues, (queue) => queue.in))}
        unit="/s"
        aside={<Trail values={trail.in} label="Messages that came, over the last minute and a half" />}
      />
      <Total
        name="Out"
        className="out"
        value={rate(sum(queues, (queue) => queue.out))}
        unit="/s"
        aside={<Trail values={trail.out} label="Messages done with, over the last minute and a half" />}
      />
      <Total name="Queued" value={shortCount(queued)} title={count(queued)} aside={`${count(inWork)} in work`} />
      <Total
        name="Delayed"
        value={shortCount(sum(queues, ({ counts }) => counts.reprocessing))}
        aside="by their workers"
      />
      <Total
        name="Errored"
        value={shortCount(sum(queues, ({ counts }) => counts.errored))}
        aside="waiting for someone"
      />
      <Total
        name="Oldest waiting"
        value={Number.isFinite(oldest) ? <Span ms={Math.max(0, at - oldest)} /> : '–'}
        aside={plural(
          sum(queues, ({ workers }) => workers),
          'worker',
        )}
      />
    </ul>
  )
}

interface TotalProps {
  readonly name: string
  readonly value: ReactNode
  readonly unit?: string
  readonly title?: string
  readonly className?: string
  readonly aside: ReactNode
}

const Total = ({ name, value, unit, title, className = '', aside }: TotalProps) => (
  <li className={`panel total ${className}`}>
    <span className="name">{name}</span>
    <strong title={title}>
      {value}
      {unit && <small>{unit}</small>}
    </strong>
    <span className="aside">{aside}</span>
  </li>
)

/** Its units are small, so that there is room for it. */
const Span = ({ ms }: { ms: number }) =>
  span(ms)
    .split(' ')
    .map((part, at) => (at % 2 === 0 ? part : <small key={part}>{part} </small>))

const Trail = (props: { values: readonly number[]; label: string }) => <Sparkline {...props} width={120} height={28} />
