import type { DeliveryType, MessageDetails } from '../../../client/index.ts'
import { count, dateTime, plural, span, utc } from '../../format.ts'
import { typeNames } from '../../types.ts'
import { TypeLetter } from '../../ui/type-letter.tsx'

type Step = MessageDetails['steps'][number]

/** After so many steps of the beginning come those of late. */
const firstKept = 10

/** What happened to a message, from its send on. */
export const TimeLine = ({ details }: { details: MessageDetails }) => {
  const { steps, stepsOmitted, sentAt, ended } = details
  return (
    <ol className="time-line">
      <li>
        <Moment at={sentAt} />
        <span className="dot" aria-hidden="true" />
        <p>
          <strong>Sent</strong> to {details.queue}
        </p>
      </li>
      {steps.map((step, at) => (
        <StepLine
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are never reordered.
          key={at}
          step={step}
          omitted={at === firstKept ? stepsOmitted : 0}
        />
      ))}
      {steps.length === 0 && !ended && (
        <li>
          <span />
          <span className="dot" aria-hidden="true" />
          <p className="muted">
            Nothing has happened to it yet, or its queue keeps no steps: see its setting “history”.
          </p>
        </li>
      )}
      {ended && (
        <li>
          <Moment at={ended.at} />
          <span className="dot end" aria-hidden="true" />
          <p>
            <strong>Ended</strong>: {ended.outcome}, after {plural(ended.receiveCount, 'attempt')} and{' '}
            {plural(ended.reprocessCount, 'delay')}
            {ended.reason && <span className="said">{ended.reason}</span>}
          </p>
        </li>
      )}
    </ol>
  )
}

const StepLine = ({ step, omitted }: { step: Step; omitted: number }) => {
  const { at, from, to, cause, text, group, detail } = step
  return (
    <>
      {omitted > 0 && (
        <li>
          <span />
          <span className="dot" aria-hidden="true" />
          <p className="muted">{count(omitted)} lines are left out here</p>
        </li>
      )}
      <li>
        <Moment at={at} />
        <span className={`dot ${to}`} aria-hidden="true" />
        <div>
          <p>
            <TypeLetter type={from} /> → {to === 'ended' ? 'ended' : <TypeLetter type={to as DeliveryType} />}
            <span className="what">
              {to === 'ended' || from === to ? '' : `${typeNames[to as DeliveryType]} `}
              {cause === 'automatic' ? (
                'automatically'
              ) : (
                <>
                  by <strong>{cause}</strong>
                </>
              )}
              {group && group !== 'default' && ` in ${group}`}
            </span>
          </p>
          {text && <p className="said">{text}</p>}
          {detail && Object.keys(detail).length > 0 && (
            <p className="detail muted">
              {Object.entries(detail)
                .map(([name, value]) => `${words[name] ?? name}: ${shown(name, value)}`)
                .join(' · ')}
            </p>
          )}
        </div>
      </li>
    </>
  )
}

const words: Readonly<Record<string, string>> = {
  attempt: 'attempt',
  durationMs: 'took',
  until: 'until',
  reprocessCount: '#Reprocess',
  delayMs: 'for',
  startedAt: 'began',
}

const shown = (name: string, value: unknown): string => {
  if (typeof value === 'number' && (name === 'until' || name.endsWith('At'))) return dateTime(value)
  if (typeof value === 'number' && name.endsWith('Ms')) return span(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const Moment = ({ at }: { at: number }) => (
  <time className="muted" title={utc(at)}>
    {dateTime(at)}
  </time>
)
