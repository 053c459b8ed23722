import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'

export interface MenuEntry {
  readonly label: string
  readonly hint?: string
  readonly danger?: boolean
  /** Why it cannot be chosen. */
  readonly disabled?: string | undefined
  readonly run?: () => void
  readonly entries?: readonly (MenuEntry | 'line')[]
}

interface MenuProps {
  readonly label: string
  readonly entries: readonly (MenuEntry | 'line')[]
  readonly at: { readonly x: number; readonly y: number }
  readonly onClose: () => void
}

/** A context menu with entries that may open another: arrows move, Right and Left open and close, Escape ends it. */
export const Menu = (props: MenuProps) => {
  // Known before the first entry takes the focus.
  const [before] = useState(() => document.activeElement)
  const close = () => {
    props.onClose()
    if (before instanceof HTMLElement && before.isConnected) before.focus()
  }
  useEffect(() => {
    const outside = (event: Event) => {
      if (!(event.target instanceof Element && event.target.closest('.menu'))) props.onClose()
    }
    addEventListener('pointerdown', outside, true)
    addEventListener('blur', props.onClose)
    addEventListener('resize', props.onClose)
    return () => {
      removeEventListener('pointerdown', outside, true)
      removeEventListener('blur', props.onClose)
      removeEventListener('resize', props.onClose)
    }
  }, [props.onClose])
  return createPortal(<Level {...props} close={close} />, document.body)
}

interface LevelProps extends MenuProps {
  /** Ends the whole menu. */
  readonly close: () => void
}

const Level = ({ label, entries, at, onClose, close }: LevelProps) => {
  const ref = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState(at)
  const [open, setOpen] = useState<{ entry: MenuEntry; at: { x: number; y: number } }>()

  useLayoutEffect(() => {
    const menu = ref.current
    if (!menu) return
    const { width, height } = menu.getBoundingClientRect()
    setPlace({
      x: Math.max(8, Math.min(at.x, innerWidth - width - 8)),
      y: Math.max(8, Math.min(at.y, innerHeight - height - 8)),
    })
    itemsOf(menu)[0]?.focus()
  }, [at])

  const choose = (entry: MenuEntry, item: HTMLElement) => {
    if (entry.disabled !== undefined) return
    if (entry.entries) {
      const { right, top } = item.getBoundingClientRect()
      setOpen({ entry, at: { x: right - 4, y: top - 5 } })
      return
    }
    close()
    entry.run?.()
  }

  const press = (event: KeyboardEvent<HTMLDivElement>) => {
    const items = itemsOf(ref.current)
    const here = items.indexOf(document.activeElement as HTMLElement)
    const focus = (index: number) => items[(index + items.length) % items.length]?.focus()
    event.stopPropagation()
    switch (event.key) {
      case 'ArrowDown':
        focus(here + 1)
        break
      case 'ArrowUp':
        focus(here - 1)
        break
      case 'Home':
        focus(0)
        break
      case 'End':
        focus(-1)
        break
      case 'ArrowRight': {
        const entry = plain(entries)[here]
        if (entry?.entries && items[here]) choose(entry, items[here])
        break
      }
      case 'ArrowLeft':
      case 'Escape':
        onClose()
        if (event.key === 'Escape' && onClose !== close) close()
        break
      case 'Tab':
        close()
        break
      default: {
        if (event.key.length !== 1) return
        const from = [...items.slice(here + 1), ...items.slice(0, here + 1)]
        from.find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus()
        if (event.key === ' ' || event.key === 'Enter') return
      }
    }
    event.preventDefault()
  }

  return (
    <>
      <div
        ref={ref}
        className="menu"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        style={{ left: place.x, top: place.y }}
        onKeyDown={press}
        onContextMenu={(event) => event.preventDefault()}
      >
        {entries.map((entry, index) =>
          entry === 'line' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the entries of a menu do not move.
            <div key={index} role="separator" />
          ) : (
            <button
              key={entry.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={entry.danger ? 'danger' : undefined}
              aria-disabled={entry.disabled !== undefined}
              aria-haspopup={entry.entries ? 'menu' : undefined}
              aria-expanded={entry.entries ? open?.entry === entry : undefined}
              title={entry.disabled}
              onClick={(event) => choose(entry, event.currentTarget)}
              // Not when it comes to be beneath a pointer at rest: then the keyboard has the focus.
              onMouseMove={(event) => {
                if (open?.entry === entry || document.activeElement === event.currentTarget) return
                if (open) setOpen(undefined)
                event.currentTarget.focus()
                if (entry.entries) choose(entry, event.currentTarget)
              }}
            >
              <span>{entry.label}</span>
              {entry.entries ? (
                <span className="muted" aria-hidden="true">
                  ›
                </span>
              ) : (
                <span className="muted">{entry.hint}</span>
              )}
            </button>
          ),
        )}
      </div>
      {open?.entry.entries && (
        <Level
          label={open.entry.label}
          entries={open.entry.entries}
          at={open.at}
          close={close}
          onClose={() => {
            const index = plain(entries).indexOf(open.entry)
            setOpen(undefined)
            itemsOf(ref.current)[index]?.focus()
          }}
        />
      )}
    </>
  )
}

const plain = (entries: readonly (MenuEntry | 'line')[]): MenuEntry[] => entries.filter((entry) => entry !== 'line')

const itemsOf = (menu: HTMLElement | null): HTMLElement[] =>
  Array.from(menu?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])
