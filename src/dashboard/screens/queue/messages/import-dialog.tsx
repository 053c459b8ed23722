import { useId, useRef, useState } from 'react'
import type { Place } from '../../../data/messages.ts'
import { bytes, plural } from '../../../format.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { messageOf, useNotices } from '../../../ui/notices.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { type Imported, importMessages } from './transfer.ts'

interface ImportDialogProps {
  readonly place: Place
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Makes new messages of a file, however large, and tells how far it is. */
export const ImportDialog = ({ place, onClose, onDone }: ImportDialogProps) => {
  const notices = useNotices()
  const id = useId()
  const [file, setFile] = useState<File>()
  const [progress, setProgress] = useState<Imported>()
  const [fault, setFault] = useState<string>()
  const stop = useRef<AbortController>(undefined)

  const run = async () => {
    if (!file) return
    const controller = new AbortController()
    stop.current = controller
    let imported: Imported = { count: 0, bytes: 0 }
    const onProgress = (now: Imported) => {
      imported = now
      setProgress(now)
    }
    setFault(undefined)
    onProgress(imported)
    try {
      await importMessages(place, file, { signal: controller.signal, onProgress })
      const stopped = controller.signal.aborted ? ' Stopped before the end of the file.' : ''
      notices.show({ text: `${plural(imported.count, 'message')} imported.${stopped}`, tone: 'good' })
      onClose()
    } catch (error) {
      const before = imported.count > 0 ? ` ${plural(imported.count, 'message')} before it came into the queue.` : ''
      setFault(`${messageOf(error)}${before}`)
      setProgress(undefined)
    }
    if (imported.count > 0) onDone()
  }
  const close = () => {
    if (progress) stop.current?.abort()
    else onClose()
  }
  return (
    <Dialog
      title={`Import into ${place.queue}`}
      onClose={close}
      footer={
        <>
          <button type="button" className="button" onClick={close}>
            {progress ? 'Stop' : 'Cancel'}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={!file || progress !== undefined}
            onClick={() => void run()}
          >
            Import
          </button>
        </>
      }
    >
      <div className="field">
        <label className="label" htmlFor={id}>
          File to import
        </label>
        <input
          id={id}
          className="input"
          type="file"
          accept=".ndjson,.jsonl,.json"
          disabled={progress !== undefined}
          onChange={(event) => {
            setFile(event.target.files?.[0])
            setFault(undefined)
          }}
        />
        <span className="hint">JSON lines, as an export has them{file ? `: ${bytes(file.size)}` : ''}</span>
        <p className="muted">Every line becomes a new message: new id, type Q, counters at 0.</p>
        {progress && (
          <ProgressBar
            done={progress.bytes}
            total={file?.size ?? 0}
            text={`${plural(progress.count, 'message')} imported`}
          />
        )}
        {fault !== undefined && (
          <p className="problem" role="alert">
            {fault}
          </p>
        )}
      </div>
    </Dialog>
  )
}
