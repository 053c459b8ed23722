import { useId, useState } from 'react'
import type { DeliveryType, OperatorAction } from '../../../../client/index.ts'
import { actOnAll, actOnIds, type Progress } from '../../../data/act.ts'
import { useLive } from '../../../data/live.tsx'
import type { Place } from '../../../data/messages.ts'
import { count, plural } from '../../../format.ts'
import { typeNames } from '../../../types.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { useNotices } from '../../../ui/notices.tsx'
import { Problem } from '../../../ui/problem.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { type Target, useCount } from './target.ts'
import { TypeList, typesOf } from './type-list.tsx'

export type Act = { readonly do: 'reprocess' | 'delete' | 'copy' } | { readonly do: 'move'; readonly to: MoveTo }
export type MoveTo = 'P' | 'E' | 'F' | 'S'

interface ActionDialogProps {
  readonly place: Place
  readonly ordered: boolean
  readonly act: Act
  readonly target: Target
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Which types an action changes. */
const concerns = (act: Act, type: DeliveryType): boolean => {
  if (act.do === 'reprocess') return type !== 'Q'
  return act.do === 'move' ? type !== act.to : true
}

const wordsOf = (act: Act): { title: string; verb: string; will: string; done: string } => {
  switch (act.do) {
    case 'reprocess':
      return { title: 'Reprocess', verb: 'Reprocess', will: 'change', done: 'back in type Q' }
    case 'delete':
      return { title: 'Purge', verb: 'Purge', will: 'be deleted', done: 'purged' }
    case 'copy':
      return { title: 'Copy to another queue', verb: 'Copy', will: 'be copied', done: 'copied' }
    case 'move':
      return {
        title: `Move to ${typeNames[act.to]}`,
        verb: 'Move',
        will: 'change',
        done: `moved to ${typeNames[act.to]}`,
      }
  }
}

/** Says what will change, asks, does it while telling how far it is, and says what was changed and what was not. */
export const ActionDialog = ({ place, ordered, act, target, onClose, onDone }: ActionDialogProps) => {
  const notices = useNotices()
  const { queues } = useLive()
  const id = useId()
  const { counted, fault } = useCount(place, target)
  const [progress, setProgress] = useState<Progress>()
  const words = wordsOf(act)
  const inWork = target.kind === 'chosen' ? target.messages.filter((message) => message.inWork).length : 0
  const changing = (counted ? typesOf(counted) : []).reduce(
    (sum, [type, many]) => sum + (concerns(act, type) ? many : 0),
    0,
  )

  const run = async (given: FormData, signal: AbortSignal) => {
    const action: OperatorAction =
      act.do === 'copy' ? { do: 'copy', to: String(given.get('to') ?? '') } : act.do === 'move' ? act : { do: act.do }
    setProgress({ changed: 0, skipped: 0, done: 0, total: changing, state: 'running', failure: null })
    const options = { signal, onProgress: setProgress }
    try {
      const end =
        target.kind === 'chosen'
          ? await actOnIds(
              place,
              target.messages.map((message) => message.id),
              action,
              options,
            )
          : await actOnAll(place, target.filter, action, options)
      const skipped = end.skipped > 0 ? ` ${count(end.skipped)} skipped: changed meanwhile, or in work.` : ''
      const stopped = end.state === 'cancelled' ? ' Stopped.' : ''
      notices.show({
        text: `${plural(end.changed, 'message')} ${words.done}.${skipped}${stopped}${end.failure ? ` ${end.failure}` : ''}`,
        tone: end.state === 'failed' ? 'bad' : 'good',
      })
      onDone()
    } finally {
      setProgress(undefined)
    }
  }
  return (
    <FormDialog
      title={`${words.title} ${target.kind === 'matching' ? 'all that match' : ''}`}
      verb={`${words.verb} ${counted?.isWhole ? plural(changing, 'message') : '…'}`}
      danger={act.do === 'delete'}
      disabled={!counted?.isWhole || changing === 0}
      stoppable
      onSubmit={run}
      onClose={onClose}
    >
      {!counted && !fault && <p>Counting…</p>}
      {counted && (
        <p role="status">
          {counted.isWhole
            ? `${plural(changing, 'message')} of the queue “${place.queue}” will ${words.will}.`
            : `Counting… ${count(counted.count)} so far.`}
        </p>
      )}
      {counted && <TypeList counted={counted} stays={(type) => !concerns(act, type)} />}
      {inWork > 0 && act.do !== 'delete' && act.do !== 'copy' && (
        <p className="muted">{plural(inWork, 'message')} in work will be skipped.</p>
      )}
      {act.do === 'delete' && <p className="warning">They are deleted for good, whoever works on them.</p>}
      {act.do === 'reprocess' && ordered && (
        <p className="warning">
          This queue is ordered: what is reprocessed comes again before younger messages that were handled already, so
          the order changes.
        </p>
      )}
      {act.do === 'copy' && (
        <label className="field">
          <span className="label">To the queue</span>
          <input className="input" name="to" required maxLength={1024} list={`${id}-queues`} disabled={!!progress} />
          <datalist id={`${id}-queues`}>
            {queues
              .filter(({ account }) => account === place.account)
              .map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
          </datalist>
          <span className="hint">Copies are new messages: new ids, type Q, counters at 0.</span>
        </label>
      )}
      {progress && (
        <ProgressBar
          done={progress.done}
          total={progress.total}
          text={`${count(progress.changed)} changed, ${count(progress.skipped)} skipped`}
        />
      )}
      <Problem text={fault} />
    </FormDialog>
  )
}
