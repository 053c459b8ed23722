import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { addressOf, go } from './address.ts'
import { useLive } from './data/live.tsx'
import { useSession } from './data/session.tsx'
import { Glyph } from './ui/icons.tsx'

interface Hit {
  readonly label: string
  readonly kind: string
  readonly href: string
}

const shownHits = 8

/** Looks for queues by name, and for a message by its id in the form of whichever API it came through. */
export const Find = () => {
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const hits = useHits(text.trim())

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      if (target.closest('input, textarea, select, [contenteditable], dialog')) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  const choose = (hit: Hit | undefined) => {
    if (!hit) return
    setOpen(false)
    setText('')
    go(hit.href)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setAt((now) => Math.max(0, Math.min(hits.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      choose(hits[at])
    } else if (event.key === 'Escape') {
      setOpen(false)
    }
  }
  const shown = open && text.trim() !== ''
  return (
    <search className="find">
      <Glyph name="search" />
      <input
        ref={input}
        className="input"
        type="text"
        role="combobox"
        aria-label="Find a queue by name or a message by id"
        aria-expanded={shown}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={shown && hits[at] ? `${id}-${at}` : undefined}
        placeholder="Find a queue or a message id"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setOpen(true)
          setAt(0)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
      />
      <span className="kbd" aria-hidden="true">
        /
      </span>
      <div
        id={id}
        className="found"
        role="listbox"
        aria-label="Found"
        hidden={!shown}
        // A press on a hit leaves the focus where it is: the list would close before the click.
        onMouseDown={(event) => event.preventDefault()}
      >
        {hits.map((hit, index) => (
          <a
            key={hit.href}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            href={hit.href}
            onClick={(event) => {
              event.preventDefault()
              choose(hit)
            }}
          >
            <span className="ellipsis">{hit.label}</span>
            <span className="muted">{hit.kind}</span>
          </a>
        ))}
        {hits.length === 0 && (
          <div role="option" aria-selected="false" aria-disabled="true" tabIndex={-1} className="muted">
            Nothing of that name, and not the id of a message.
          </div>
        )}
      </div>
    </search>
  )
}

/** 24 hex digits, or a UUID; some clients show ids in capitals. */
const idForm = /^[0-9a-f]{24}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const useHits = (text: string): readonly Hit[] => {
  const { account } = useSession()
  const { queues, accounts, more } = useLive()
  if (text === '') return []
  const hits: Hit[] = []
  if (idForm.test(text)) {
    hits.push({
      label: text.toLowerCase(),
      kind: 'message',
      href: addressOf(['messages', account, text.toLowerCase()]),
    })
  }
  const wanted = text.toLowerCase()
  for (const queue of queues) {
    if (hits.length >= shownHits) break
    if (!queue.name.toLowerCase().includes(wanted)) continue
    hits.push({
      label: queue.name,
      kind: accounts.length > 1 ? `queue of ${queue.account}` : 'queue',
      href: addressOf(['queues', queue.account, queue.name]),
    })
  }
  // Where there are too many queues to know them all, any name may be one.
  if (more && hits.length < shownHits && !queues.some(({ name }) => name === text)) {
    hits.push({ label: text, kind: 'open the queue of this name', href: addressOf(['queues', account, text]) })
  }
  return hits
}
