import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { messageOf } from './notices.tsx'
import { Problem } from './problem.tsx'

interface FormDialogProps {
  readonly title: string
  /** What the button says that submits it. */
  readonly verb: string
  readonly hint?: string
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly wide?: boolean
  /** It may take long: while it goes on, Cancel is Stop, and aborts the signal. */
  readonly stoppable?: boolean
  /** The dialog closes once it is done; what it fails with is shown. */
  readonly onSubmit: (given: FormData, signal: AbortSignal) => Promise<void>
  readonly onClose: () => void
  readonly onKey?: (event: KeyboardEvent) => void
  readonly children: ReactNode
}

/** A dialog that does one thing, once, with what is filled in. */
export const FormDialog = (props: FormDialogProps) => {
  const { title, verb, hint, danger = false, disabled = false, wide = false, stoppable = false, children } = props
  const { onSubmit, onClose, onKey } = props
  const id = useId()
  const [going, setGoing] = useState<AbortController>()
  const [fault, setFault] = useState<string>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (going) return
    const controller = new AbortController()
    setGoing(controller)
    setFault(undefined)
    try {
      await onSubmit(new FormData(event.currentTarget), controller.signal)
      onClose()
    } catch (error) {
      setFault(messageOf(error))
    }
    setGoing(undefined)
  }
  const stop = stoppable ? going : undefined
  const close = stop ? () => stop.abort() : onClose
  return (
    <Dialog
      title={title}
      wide={wide}
      onClose={close}
      {...(onKey && { onKey })}
      footer={
        <>
          <button type="button" className="button" onClick={close}>
            {stop ? 'Stop' : 'Cancel'}
          </button>
          <button
            type="submit"
            form={id}
            className={danger ? 'button danger' : 'button primary'}
            title={hint}
            disabled={disabled || going !== undefined}
          >
            {verb}
          </button>
        </>
      }
    >
      <form id={id} onSubmit={(event) => void submit(event)}>
        {children}
        <Problem text={fault} />
      </form>
    </Dialog>
  )
}
