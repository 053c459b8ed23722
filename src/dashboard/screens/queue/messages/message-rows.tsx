import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import {
  Fragment,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type SyntheticEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { useServerNow } from '../../../data/live.tsx'
import { Glyph } from '../../../ui/icons.tsx'
import { isCounting, type ShownColumn, type ShownRow } from './columns.tsx'
import { all, only, ranged, type Selection, stepped, toggled } from './selection.ts'

export interface MessageRowsProps {
  readonly rows: readonly ShownRow[]
  /** From left to right. */
  readonly columns: readonly ShownColumn[]
  /** What the rows are scrolled in, once it is there. */
  readonly scroll: HTMLElement | null
  readonly selection: Selection
  /** Another one: the rows begin at their top again. */
  readonly result: unknown
  /** Another number: the focus goes to the active row. */
  readonly grab: number
  readonly onSelect: (selection: Selection) => void
  readonly onOpen: (id: string) => void
  readonly onMenu: (at: { x: number; y: number }) => void
  /** Keys that are not about moving through the rows. True: it was taken. */
  readonly onKey: (event: KeyboardEvent) => boolean
}

const rowHeight = 32
/** Where there is no room for columns, each row is a card. */
const cardHeight = 92
const narrow = matchMedia('(max-width: 760px)')

const useNarrow = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener)
      return () => narrow.removeEventListener('change', listener)
    },
    () => narrow.matches,
  )

/**
 * The rows, of which only those in view are in the page, and the active one: however far it is scrolled away, the keyboard stays in it. Scrolling renders nothing but this, and of it the rows that come into view:
 * what is done with a row is heard by the body of the table, so that a row stays the same from one frame to the next.
 */
export const MessageRows = (props: MessageRowsProps) => {
  const { rows, columns, scroll, selection, onSelect, onOpen, onMenu, onKey } = props
  const now = useServerNow()
  const isNarrow = useNarrow()
  const body = useRef<HTMLTableSectionElement>(null)
  const ids = useMemo(() => rows.map(({ id }) => id), [rows])
  const activeIndex = useMemo(
    () => (selection.active === undefined ? -1 : ids.indexOf(selection.active)),
    [ids, selection.active],
  )
  const withActive = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range)
      if (activeIndex === -1 || indexes.includes(activeIndex)) return indexes
      return activeIndex < range.startIndex ? [activeIndex, ...indexes] : [...indexes, activeIndex]
    },
    [activeIndex],
  )
  // The headings come before the rows, and then stay above them.
  const [headHeight, setHeadHeight] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: they have another height then.
  useLayoutEffect(() => setHeadHeight(body.current?.offsetTop ?? 0), [isNarrow, columns])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll,
    estimateSize: () => (isNarrow ? cardHeight : rowHeight),
    overscan: 8,
    rangeExtractor: withActive,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  })
  const items = virtual.getVirtualItems()

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows have another height then.
  useEffect(() => {
    virtual.measure()
  }, [isNarrow])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result begins at its top.
  useEffect(() => {
    if (scroll) scroll.scrollTop = 0
  }, [props.result])

  // Which row, not only that one is: an effect of an earlier rendering may run between a key and the rendering that follows it.
  const focusing = useRef<string>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every number.
  useEffect(() => {
    if (props.grab > 0) focusing.current = selection.active
  }, [props.grab])
  useEffect(() => {
    if (focusing.current === undefined || focusing.current !== selection.active) return
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${activeIndex}"]`)
    if (!row) return
    focusing.current = undefined
    row.focus({ preventScroll: true })
  })

  /** The row in which the focus is. One that leaves the page takes it along, unheard. */
  const focused = useRef<HTMLElement>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every result.
  useEffect(() => {
    const row = focused.current
    const isLost = row?.isConnected === false
    if (isLost) focused.current = undefined
    if (!row || activeIndex !== -1) return
    const id = isLost ? ids[0] : row.dataset.id
    if (isLost) focusing.current = id
    if (id === undefined) scroll?.focus({ preventScroll: true })
    else onSelect(only(id))
  }, [props.result])

  const step = (by: number | 'first' | 'last', extend: boolean) => {
    const next = stepped(selection, ids, by, extend)
    focusing.current = next.active
    onSelect(next)
    if (next.active !== undefined) virtual.scrollToIndex(ids.indexOf(next.active))
  }

  /** Before something is done with it. */
  const showActive = () => {
    if (activeIndex !== -1) virtual.scrollToIndex(activeIndex)
  }

  const press = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    if (onKey(event)) {
      event.preventDefault()
      return
    }
    const { key, shiftKey, ctrlKey, metaKey } = event
    if (key === 'ArrowDown') step(1, shiftKey)
    else if (key === 'ArrowUp') step(-1, shiftKey)
    else if (key === 'Home') step('first', shiftKey)
    else if (key === 'End') step('last', shiftKey)
    else if (key === ' ' && selection.active !== undefined) {
      showActive()
      onSelect(toggled(selection, selection.active))
    } else if (key === 'Enter' && !ctrlKey && !metaKey && selection.active !== undefined) {
      showActive()
      onOpen(selection.active)
    } else if ((ctrlKey || metaKey) && key.toLowerCase() === 'a') onSelect(all(selection, ids))
    else if (key === 'ContextMenu' || (key === 'F10' && shiftKey)) {
      showActive()
      const row = (event.target as HTMLElement).closest('tr')?.getBoundingClientRect()
      onMenu({ x: (row?.left ?? 0) + 60, y: row?.bottom ?? 0 })
    } else return
    event.preventDefault()
  }

  const menuAt = (event: MouseEvent, element: Element, id: string) => {
    event.preventDefault()
    onSelect(selection.chosen.has(id) ? { ...selection, active: id } : only(id))
    const { left, bottom } = element.getBoundingClientRect()
    const isKey = event.clientX === 0 && event.clientY === 0
    onMenu(isKey ? { x: left, y: bottom } : { x: event.clientX, y: event.clientY })
  }
  const click = (event: MouseEvent) => {
    const { id } = rowOf(event) ?? {}
    if (id === undefined) return
    const button = (event.target as Element).closest('button')
    if (button) menuAt(event, button, id)
    else if (event.shiftKey) onSelect(ranged(selection, ids, id))
    else if (event.ctrlKey || event.metaKey) onSelect(toggled(selection, id))
    else onSelect(only(id))
  }

  const tabStop = activeIndex === -1 ? items[0]?.index : activeIndex
  const after = headHeight + virtual.getTotalSize() - (items.at(-1)?.end ?? headHeight)
  return (
    <tbody
      ref={body}
      onKeyDown={press}
      onClick={click}
      onDoubleClick={(event) => {
        const { id } = rowOf(event) ?? {}
        if (id !== undefined) onOpen(id)
      }}
      onContextMenu={(event) => {
        const { id, element } = rowOf(event) ?? {}
        if (id !== undefined && element) menuAt(event, element, id)
      }}
      onBlur={() => {
        if (focused.current?.isConnected) focused.current = undefined
      }}
      onFocus={(event) => {
        const { id, element } = rowOf(event) ?? {}
        focused.current = element
        if (id !== undefined && event.target === element && selection.active === undefined) onSelect(only(id))
      }}
    >
      {items.map(({ index, start }, at) => {
        const row = rows[index] as ShownRow
        const gap = start - (items[at - 1]?.end ?? headHeight)
        return (
          <Fragment key={row.id}>
            {gap > 0 && <tr aria-hidden="true" style={{ height: gap }} />}
            <MessageRow
              row={row}
              index={index}
              columns={columns}
              isChosen={selection.chosen.has(row.id)}
              isTabStop={index === tabStop}
              now={isCounting(row, now) ? now : undefined}
            />
          </Fragment>
        )
      })}
      {after > 0 && <tr aria-hidden="true" style={{ height: after }} />}
    </tbody>
  )
}

/** The row in which something happened. */
const rowOf = (event: SyntheticEvent): { id: string | undefined; element: HTMLElement } | undefined => {
  const element = (event.target as Element).closest<HTMLElement>('tr[data-index]')
  return element ? { id: element.dataset.id, element } : undefined
}

interface MessageRowProps {
  readonly row: ShownRow
  readonly index: number
  readonly columns: readonly ShownColumn[]
  readonly isChosen: boolean
  readonly isTabStop: boolean
  /** Undefined where nothing in the row depends on it. */
  readonly now: number | undefined
}

const MessageRow = memo(({ row, index, columns, isChosen, isTabStop, now = 0 }: MessageRowProps) => (
  <tr
    data-index={index}
    data-id={row.id}
    aria-rowindex={index + 3}
    aria-selected={isChosen}
    tabIndex={isTabStop ? 0 : -1}
    className={row.isGone ? 'gone' : undefined}
  >
    {columns.map(({ id, className, cell }) => (
      <td key={id} className={className}>
        {cell(row, now)}
      </td>
    ))}
    <td className="actions">
      <button
        type="button"
        tabIndex={isTabStop ? 0 : -1}
        className="button plain square small"
        aria-label={`Actions for message ${row.id}`}
      >
        <Glyph name="more" />
      </button>
    </td>
  </tr>
))
