import { addressOf } from '../../address.ts'
import type { LiveState } from '../../data/live-store.ts'
import { Link } from '../../link.tsx'
import { Glyph } from '../../ui/icons.tsx'
import { Panel } from '../../ui/panel.tsx'
import { type Concern, concernsOf } from './concerns.ts'

const shown = 8

export const Attention = ({ live: { queues, at, known } }: { live: LiveState }) => {
  const concerns = concernsOf(queues, at)
  if (!known) return null
  if (concerns.length === 0) {
    return (
      <p className="all-well">
        <Glyph name="check" />
        Nothing needs attention.
      </p>
    )
  }
  return (
    <Panel title="Needs attention" beside={<span className="tag bad">{concerns.length}</span>}>
      <ul className="concerns">
        {concerns.slice(0, shown).map((concern) => (
          <li key={`${concern.queue.account} ${concern.queue.name} ${concern.kind} ${concern.text}`}>
            <span className={`tag ${concern.severity}`}>{labels[concern.kind]}</span>
            <Link href={addressOfConcern(concern)}>{concern.queue.name}</Link>
            <span>{concern.text}</span>
          </li>
        ))}
      </ul>
      {concerns.length > shown && <p className="more muted">and {concerns.length - shown} more</p>}
    </Panel>
  )
}

const labels: Readonly<Record<Concern['kind'], string>> = {
  push: 'Push',
  dead: 'Dead letters',
  errored: 'Errors',
  growing: 'Backlog',
  unattended: 'Unattended',
  paused: 'Paused',
}

const addressOfConcern = ({ queue, kind }: Concern): string => {
  if (kind === 'growing') return addressOf(['queues', queue.account, queue.name, 'charts'])
  return addressOf(['queues', queue.account, queue.name], kind === 'errored' ? { type: 'E' } : {})
}
