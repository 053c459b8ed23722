import { useEffect, useRef, useState } from 'react'
import { type Counted, countAll } from '../../../data/act.ts'
import type { Place } from '../../../data/messages.ts'
import { count, plural } from '../../../format.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { messageOf, useNotices } from '../../../ui/notices.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import type { Target } from './action-dialog.tsx'
import { exportMessages, saveExport } from './transfer.ts'
import { countOf, TypeList } from './type-list.tsx'

/** Says what goes into the file, and how far it is. */
export const ExportDialog = ({ place, target, onClose }: { place: Place; target: Target; onClose: () => void }) => {
  const notices = useNotices()
  const [counted, setCounted] = useState<Counted>()
  const [done, setDone] = useState<number>()
  const [fault, setFault] = useState<string>()
  const stop = useRef<AbortController>(undefined)

  useEffect(() => {
    if (target.kind === 'chosen') {
      setCounted(countOf(target.messages))
      return
    }
    const counting = new AbortController()
    countAll(place, target.filter, { signal: counting.signal, onProgress: setCounted }).catch((error: unknown) => {
      if (!counting.signal.aborted) setFault(messageOf(error))
    })
    return () => counting.abort()
  }, [place, target])

  const run = async () => {
    const controller = new AbortController()
    stop.current = controller
    setFault(undefined)
    setDone(0)
    const what = target.kind === 'chosen' ? { ids: target.messages.map(({ id }) => id) } : { filter: target.filter }
    try {
      const exported = await exportMessages(place, what, { signal: controller.signal, onProgress: setDone })
      saveExport(place, exported)
      notices.show({ text: `${plural(exported.count, 'message')} exported.`, tone: 'good' })
      onClose()
    } catch (error) {
      setDone(undefined)
      setFault(controller.signal.aborted ? 'Stopped: nothing was saved.' : messageOf(error))
    }
  }
  const isGoing = done !== undefined
  const close = () => {
    if (isGoing) stop.current?.abort()
    else onClose()
  }
  return (
    <Dialog
      title={target.kind === 'matching' ? 'Export all that match' : 'Export'}
      onClose={close}
      footer={
        <>
          <button type="button" className="button" onClick={close}>
            {isGoing ? 'Stop' : 'Cancel'}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={isGoing || !counted || counted.count === 0}
            onClick={() => void run()}
          >
            Export {counted?.isWhole ? plural(counted.count, 'message') : '…'}
          </button>
        </>
      }
    >
      <div className="field">
        <p role="status">
          {counted
            ? `${plural(counted.count, 'message')} of the queue “${place.queue}”${counted.isWhole ? '' : ' so far'}.`
            : 'Counting…'}
        </p>
        {counted && <TypeList counted={counted} />}
        <p className="muted">
          A file of JSON lines, with all that is known of each message. Nothing changes in the queue.
        </p>
        {isGoing && <ProgressBar done={done} total={counted?.count ?? 0} text={`${count(done)} read`} />}
        {fault !== undefined && (
          <p className="problem" role="alert">
            {fault}
          </p>
        )}
      </div>
    </Dialog>
  )
}
