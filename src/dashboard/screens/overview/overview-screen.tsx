import { useState } from 'react'
import { useLive } from '../../data/live.tsx'
import type { LiveQueue, LiveState } from '../../data/live-store.ts'
import { count, plural, rate, shortCount, span } from '../../format.ts'
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
      <Attention queues={live.queues} at={live.at} known={live.known} />
      <QueueTable queues={live.queues} at={live.at} known={live.known} more={live.more} />
      {making && <QueueDialog onClose={() => setMaking(false)} />}
    </>
  )
}

const sum = (queues: readonly LiveQueue[], of: (queue: LiveQueue) => number): number =>
  queues.reduce((total, queue) => total + of(queue), 0)

const Totals = ({ live: { queues, at } }: { live: LiveState }) => {
  const trail = ratesOf(queues)
  const oldest = Math.min(...queues.map(({ oldestWaitingAt }) => oldestWaitingAt ?? Number.POSITIVE_INFINITY))
  const queued = sum(queues, ({ counts }) => counts.ready + counts.behind + counts.delayed + counts.leased)
  const inWork = sum(queues, ({ counts }) => counts.leased)
  return (
    <ul className="totals" aria-label="All queues together">
      <li className="panel total">
        <span className="name">In</span>
        <strong>
          {rate(sum(queues, (queue) => queue.in))}
          <small>/s</small>
        </strong>
        <span className="aside">
          <Sparkline
            values={trail.in}
            label="Messages that came, over the last minute and a half"
            width={120}
            height={28}
          />
        </span>
      </li>
      <li className="panel total out">
        <span className="name">Out</span>
        <strong>
          {rate(sum(queues, (queue) => queue.out))}
          <small>/s</small>
        </strong>
        <span className="aside">
          <Sparkline
            values={trail.out}
            label="Messages done with, over the last minute and a half"
            width={120}
            height={28}
          />
        </span>
      </li>
      <li className="panel total">
        <span className="name">Queued</span>
        <strong title={count(queued)}>{shortCount(queued)}</strong>
        <span className="aside">{count(inWork)} in work</span>
      </li>
      <li className="panel total">
        <span className="name">Delayed</span>
        <strong>{shortCount(sum(queues, ({ counts }) => counts.reprocessing))}</strong>
        <span className="aside">by their workers</span>
      </li>
      <li className="panel total">
        <span className="name">Errored</span>
        <strong>{shortCount(sum(queues, ({ counts }) => counts.errored))}</strong>
        <span className="aside">waiting for someone</span>
      </li>
      <li className="panel total">
        <span className="name">Oldest waiting</span>
        <strong>{Number.isFinite(oldest) ? span(Math.max(0, at - oldest)) : '–'}</strong>
        <span className="aside">
          {plural(
            sum(queues, ({ workers }) => workers),
            'worker',
          )}
        </span>
      </li>
    </ul>
  )
}
