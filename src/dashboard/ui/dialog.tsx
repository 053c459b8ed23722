import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { IconButton } from './icon-button.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly footer?: ReactNode
  readonly wide?: boolean
  /** Wherever the focus is in it. */
  readonly onKey?: (event: KeyboardEvent) => void
}

/** The browser's own modal dialog: it keeps the focus, makes the rest inert, and Escape closes it. */
export const Dialog = ({ title, onClose, children, footer, wide = false, onKey }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    const before = document.activeElement
    dialog?.showModal()
    // What is to be filled in comes before the button that closes it.
    dialog?.querySelector<HTMLElement>('.body :is(input, select, textarea)')?.focus()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onKeyDown={(event) => {
        event.stopPropagation()
        onKey?.(event)
        if (event.key !== 'Escape' || event.defaultPrevented) return
        // Left to the browser, a second Escape would close what has been told to stay.
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <IconButton className="plain" icon="close" label="Close" onClick={onClose} />
      </header>
      <div className="body" tabIndex={0}>
        {children}
      </div>
      {footer !== undefined && <footer>{footer}</footer>}
    </dialog>
  )
}
