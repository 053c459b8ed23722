import { useQuery } from '@tanstack/react-query'
import { memo, useState } from 'react'
import { isMillraceError } from '../../../client/index.ts'
import { accountClient } from '../../data/server.ts'
import { rate, shortCount, span as spanText } from '../../format.ts'
import { messageOf } from '../../ui/notices.tsx'
import { Chart } from './chart.tsx'
import { tenthSteps, timeSteps, wholeSteps } from './steps.ts'

/** Most are short: below a hundredth of a second, tenths of a millisecond count. */
const latency = (ms: number): string => (ms > 0 && ms < 10 ? `${ms.toFixed(1)} ms` : spanText(ms))

/** How one queue, or a whole account, went over the last hour or day. Drawn when that is told anew, not whenever the screen is. */
export const SeriesCharts = memo(({ account, queue }: { account: string; queue?: string }) => {
  const [span, setSpan] = useState<'hour' | 'day'>('hour')
  const { data, error } = useQuery({
    queryKey: ['series', account, queue ?? '', span],
    queryFn: ({ signal }) =>
      accountClient(account).admin.operator.series({ span, ...(queue === undefined ? {} : { queue }) }, { signal }),
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  })
  // What was before anything was recorded is left out, down to a twelfth of the span.
  const most = data ? data.queued.length - Math.floor(data.queued.length / 12) : 0
  const known = data ? data.queued.findIndex((value) => value !== null) : -1
  const first = Math.max(0, Math.min(most, known === -1 ? most : known))
  const times = data ? data.queued.map((_, at) => data.from + at * data.stepMs).slice(first) : []
  return (
    <>
      <div className="head">
        <fieldset className="segments" aria-label="Span of time">
          <button type="button" aria-pressed={span === 'hour'} onClick={() => setSpan('hour')}>
            Last hour
          </button>
          <button type="button" aria-pressed={span === 'day'} onClick={() => setSpan('day')}>
            Last day
          </button>
        </fieldset>
        {data && <span className="muted">Waits and commits as seen by {data.node}</span>}
      </div>
      {error && (
        <p className="empty">
          {isMillraceError(error, 'QueueNotFound') ? 'Nothing has been recorded of this queue yet.' : messageOf(error)}
        </p>
      )}
      {data && (
        <div className="charts">
          <Chart
            title="Depth"
            least={4}
            steps={wholeSteps}
            times={times}
            format={shortCount}
            lines={[
              { name: 'Queued', color: '--q', values: data.queued.slice(first) },
              { name: 'Delayed', color: '--d', values: data.delayed.slice(first) },
              { name: 'Errored', color: '--e', values: data.errored.slice(first) },
            ]}
          />
          <Chart
            title="Rates per second"
            least={1}
            steps={tenthSteps}
            times={times}
            format={rate}
            lines={[
              { name: 'In', color: '--q', values: data.in.slice(first) },
              { name: 'Out', color: '--p', values: data.out.slice(first) },
            ]}
          />
          <Chart
            title="Age of the oldest"
            least={1000}
            steps={timeSteps}
            times={times}
            format={spanText}
            lines={[{ name: 'Oldest waiting', color: '--d', values: data.oldestMs.slice(first) }]}
          />
          <Chart
            title="Time until handed out"
            least={10}
            steps={timeSteps}
            times={times}
            format={latency}
            lines={[
              { name: 'Median', color: '--q', values: data.waitMs.slice(first) },
              { name: '95th percentile', color: '--f', values: data.wait95Ms.slice(first) },
            ]}
          />
          <Chart
            title="Time until durable (whole server)"
            least={10}
            steps={timeSteps}
            times={times}
            format={latency}
            lines={[
              { name: 'Median', color: '--p', values: data.commitMs.slice(first) },
              { name: '99th percentile', color: '--f', values: data.commit99Ms.slice(first) },
            ]}
          />
        </div>
      )}
    </>
  )
})
