import { useState } from 'react'
import type { Place } from '../../../data/messages.ts'
import { count, plural } from '../../../format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { useNotices } from '../../../ui/notices.tsx'
import { Problem } from '../../../ui/problem.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { type Target, useCount } from './target.ts'
import { exportMessages, saveExport } from './transfer.ts'
import { TypeList } from './type-list.tsx'

/** Says what goes into the file, and how far it is. */
export const ExportDialog = ({ place, target, onClose }: { place: Place; target: Target; onClose: () => void }) => {
  const notices = useNotices()
  const { counted, fault } = useCount(place, target)
  const [done, setDone] = useState<number>()

  const run = async (_given: FormData, signal: AbortSignal) => {
    setDone(0)
    const what = target.kind === 'chosen' ? { ids: target.messages.map(({ id }) => id) } : { filter: target.filter }
    try {
      const exported = await exportMessages(place, what, { signal, onProgress: setDone })
      saveExport(place, exported)
      notices.show({ text: `${plural(exported.count, 'message')} exported.`, tone: 'good' })
    } catch (error) {
      throw signal.aborted ? new Error('Stopped: nothing was saved.') : error
    } finally {
      setDone(undefined)
    }
  }
  return (
    <FormDialog
      title={target.kind === 'matching' ? 'Export all that match' : 'Export'}
      verb={`Export ${counted?.isWhole ? plural(counted.count, 'message') : '…'}`}
      disabled={!counted || counted.count === 0}
      stoppable
      onSubmit={run}
      onClose={onClose}
    >
      <p role="status">
        {counted
          ? `${plural(counted.count, 'message')} of the queue “${place.queue}”${counted.isWhole ? '' : ' so far'}.`
          : 'Counting…'}
      </p>
      {counted && <TypeList counted={counted} />}
      <p className="muted">
        A file of JSON lines, with all that is known of each message. Nothing changes in the queue.
      </p>
      {done !== undefined && <ProgressBar done={done} total={counted?.count ?? 0} text={`${count(done)} read`} />}
      <Problem text={fault} />
    </FormDialog>
  )
}
