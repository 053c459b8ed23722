import { useId, useState } from 'react'
import type { Place } from '../../../data/messages.ts'
import { bytes, plural } from '../../../format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
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

  const run = async (_given: FormData, signal: AbortSignal) => {
    if (!file) return
    let imported: Imported = { count: 0, bytes: 0 }
    const onProgress = (now: Imported) => {
      imported = now
      setProgress(now)
    }
    onProgress(imported)
    try {
      await importMessages(place, file, { signal, onProgress })
      const stopped = signal.aborted ? ' Stopped before the end of the file.' : ''
      notices.show({ text: `${plural(imported.count, 'message')} imported.${stopped}`, tone: 'good' })
    } catch (error) {
      const before = imported.count > 0 ? ` ${plural(imported.count, 'message')} before it came into the queue.` : ''
      throw new Error(`${messageOf(error)}${before}`)
    } finally {
      setProgress(undefined)
      if (imported.count > 0) onDone()
    }
  }
  return (
    <FormDialog
      title={`Import into ${place.queue}`}
      verb="Import"
      disabled={!file}
      stoppable
      onSubmit={run}
      onClose={onClose}
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
          onChange={(event) => setFile(event.target.files?.[0])}
        />
        <span className="hint">JSON lines, as an export has them{file ? `: ${bytes(file.size)}` : ''}</span>
      </div>
      <p className="muted">Every line becomes a new message: new id, type Q, counters at 0.</p>
      {progress && (
        <ProgressBar
          done={progress.bytes}
          total={file?.size ?? 0}
          text={`${plural(progress.count, 'message')} imported`}
        />
      )}
    </FormDialog>
  )
}
