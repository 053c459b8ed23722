import type { ReactNode } from 'react'
import type { Newer } from '../../../data/newer.ts'
import { count, plural } from '../../../format.ts'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Glyph } from '../../../ui/icons.tsx'

interface ToolbarProps {
  readonly newestFirst: boolean
  readonly total: string | undefined
  readonly isCounting: boolean
  readonly hasPrevious: boolean
  readonly hasNext: boolean
  readonly pageNumber: number
  readonly shown: number
  readonly newer: Newer
  readonly onSettings: () => void
  readonly onRun: () => void
  readonly onNewer: () => void
  readonly onSort: () => void
  readonly onPrevious: () => void
  readonly onNext: () => void
  readonly onCount: () => void
  readonly children: ReactNode
}

export const Toolbar = (props: ToolbarProps) => (
  <div className="toolbar" role="toolbar" aria-label="Messages">
    <button type="button" className="button" onClick={props.onSettings}>
      <Glyph name="settings" />
      Settings
    </button>
    <button type="button" className="button primary" title="F5 or Ctrl+Enter" onClick={props.onRun}>
      <Glyph name="run" size={13} />
      Execute Filter
    </button>
    <button type="button" className="button" aria-label={`Sort: ${sortName(props)}`} onClick={props.onSort}>
      <Glyph name={props.newestFirst ? 'newest' : 'oldest'} />
      {sortName(props)}
    </button>
    <span className="pager">
      <IconButton
        icon="previous"
        label="Previous page"
        title="PageUp"
        disabled={!props.hasPrevious}
        onClick={props.onPrevious}
      />
      <span className="muted" aria-live="polite">
        Page {count(props.pageNumber)}
        <span className="visually-hidden">, {plural(props.shown, 'message')}</span>
      </span>
      <IconButton icon="next" label="Next page" title="PageDown" disabled={!props.hasNext} onClick={props.onNext} />
    </span>
    <button type="button" className="button" aria-pressed={props.total !== undefined} onClick={props.onCount}>
      <Glyph name="sigma" />
      Count
    </button>
    <span className="muted" role="status">
      {props.total !== undefined && `${props.total}${props.isCounting ? '…' : ''} match`}
    </span>
    {props.children}
    <span className="newer" role="status">
      {props.newer.count > 0 && (
        <button type="button" className="button" title="Runs the query anew" onClick={props.onNewer}>
          <Glyph name="refresh" size={13} />
          Newer results exist: {count(props.newer.count)}
          {props.newer.isLeast && ' or more'}
        </button>
      )}
    </span>
  </div>
)

const sortName = ({ newestFirst }: ToolbarProps): string => (newestFirst ? 'Newest first' : 'Oldest first')
