import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react'
import { IconButton } from './icon-button.tsx'

export interface Notice {
  readonly text: string
  readonly tone?: 'good' | 'bad'
  /** Anything beneath: progress, a button. */
  readonly more?: ReactNode
  /** It stays until it is closed or replaced. */
  readonly stays?: boolean
}

export interface Notices {
  /** With the id of an earlier one, it takes its place. Whoever has closed that one is told of nothing but what went wrong. */
  show(notice: Notice, id?: number): number
  close(id: number): void
}

const Context = createContext<Notices | undefined>(undefined)
const shownMs = 7000

export const useNotices = (): Notices => {
  const notices = use(Context)
  if (!notices) throw new Error('outside of the notices')
  return notices
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What has been done, said for a moment in a corner and to screen readers. */
export const NoticeBoard = ({ children }: { children: ReactNode }) => {
  const [shown, setShown] = useState<readonly (Notice & { id: number })[]>([])
  const last = useRef(0)
  const timers = useRef(new Map<number, ReturnType<typeof setTimeout>>())
  const close = useCallback((id: number) => setShown((before) => before.filter((notice) => notice.id !== id)), [])
  const show = useCallback(
    (notice: Notice, replaced?: number) => {
      const id = replaced ?? ++last.current
      clearTimeout(timers.current.get(id))
      timers.current.delete(id)
      setShown((before) => {
        const next = { ...notice, id }
        if (before.some((other) => other.id === id)) return before.map((other) => (other.id === id ? next : other))
        return replaced === undefined || notice.tone === 'bad' ? [...before, next] : before
      })
      // What went wrong is there until somebody has read it.
      if (!notice.stays && notice.tone !== 'bad')
        timers.current.set(
          id,
          setTimeout(() => close(id), shownMs),
        )
      return id
    },
    [close],
  )
  const notices = useMemo(() => ({ show, close }), [show, close])
  return (
    <Context value={notices}>
      {children}
      <div className="notices" role="status" aria-live="polite">
        {shown.map((notice) => (
          <div key={notice.id} className={`notice ${notice.tone ?? ''}`}>
            <div>
              <p>{notice.text}</p>
              {notice.more}
            </div>
            <IconButton
              className="plain small"
              icon="close"
              size={13}
              label="Close this notice"
              onClick={() => close(notice.id)}
            />
          </div>
        ))}
      </div>
    </Context>
  )
}
