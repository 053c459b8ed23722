import { useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { Glyph } from '../../../ui/icons.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { useColumnLayout } from './column-layout.ts'
import { columnsOf, type ExtraColumn, features, looksOf, type ShownRow } from './columns.tsx'
import { all, only, ranged, type Selection, stepped, toggled } from './selection.ts'

export interface MessageTableProps {
  readonly rows: readonly ShownRow[]
  readonly extras: readonly ExtraColumn[]
  readonly selection: Selection
  readonly now: number
  readonly busy: boolean
  /** Another one: the table begins at its top again. */
  readonly result: unknown
  /** Another number: the focus goes to the active row. */
  readonly grab: number
  readonly empty: ReactNode
  readonly filterCell: (column: string) => ReactNode
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

/** The rows of the last query, of which only those in view are in the page. */
export const MessageTable = (props: MessageTableProps) => {
  const { rows, extras, selection, now, onSelect, onOpen, onMenu, onKey } = props
  const looks = useMemo(() => looksOf(extras), [extras])
  const columns = useMemo(() => columnsOf(looks), [looks])
  const layout = useColumnLayout([...looks.keys()])
  const [headMenu, setHeadMenu] = useState<{ id: string; x: number; y: number }>()
  const table = useTable({
    features,
    columns,
    data: rows as ShownRow[],
    state: { columnOrder: layout.order, columnSizing: layout.sizes },
    getRowId: ({ id }) => id,
  })
  const headers = table.getFlatHeaders()
  const isNarrow = useNarrow()
  const scroll = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLTableSectionElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => (isNarrow ? cardHeight : rowHeight),
    overscan: 12,
    scrollMargin: 0,
    scrollPaddingStart: 72,
    scrollPaddingEnd: 8,
  })
  const items = virtual.getVirtualItems()
  const ids = useMemo(() => rows.map(({ id }) => id), [rows])
  const activeIndex = selection.active === undefined ? -1 : ids.indexOf(selection.active)

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows have another height then.
  useEffect(() => {
    virtual.measure()
  }, [isNarrow])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result begins at its top.
  useEffect(() => {
    if (scroll.current) scroll.current.scrollTop = 0
  }, [props.result])

  const focusRow = useRef(false)
  useEffect(() => {
    if (props.grab > 0) focusRow.current = true
  }, [props.grab])
  useEffect(() => {
    if (!focusRow.current || activeIndex === -1) return
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${activeIndex}"]`)
    if (!row) return
    focusRow.current = false
    row.focus({ preventScroll: true })
  })

  const step = (by: number | 'first' | 'last', extend: boolean) => {
    const next = stepped(selection, ids, by, extend)
    focusRow.current = true
    onSelect(next)
    if (next.active !== undefined) virtual.scrollToIndex(ids.indexOf(next.active))
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
    else if (key === ' ' && selection.active !== undefined) onSelect(toggled(selection, selection.active))
    else if (key === 'Enter' && selection.active !== undefined) onOpen(selection.active)
    else if ((ctrlKey || metaKey) && key.toLowerCase() === 'a') onSelect(all(selection, ids))
    else if (key === 'ContextMenu' || (key === 'F10' && shiftKey)) {
      const row = (event.target as HTMLElement).closest('tr')?.getBoundingClientRect()
      onMenu({ x: (row?.left ?? 0) + 60, y: row?.bottom ?? 0 })
    } else return
    event.preventDefault()
  }

  const click = (event: MouseEvent, id: string) => {
    if (event.shiftKey) onSelect(ranged(selection, ids, id))
    else if (event.ctrlKey || event.metaKey) onSelect(toggled(selection, id))
    else onSelect(only(id))
  }
  const menuAt = (event: MouseEvent, id: string) => {
    event.preventDefault()
    if (!selection.chosen.has(id)) onSelect(only(id))
    const { left, bottom } = event.currentTarget.getBoundingClientRect()
    const isKey = event.clientX === 0 && event.clientY === 0
    onMenu(isKey ? { x: left, y: bottom } : { x: event.clientX, y: event.clientY })
  }

  /** Tab comes to the active row, or where that is out of view, to the first that is not. */
  const tabStop = items.some(({ index }) => index === activeIndex) ? activeIndex : items[0]?.index
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const width = headers.reduce((sum, header) => sum + header.getSize(), actionsWidth)
  return (
    <div
      ref={scroll}
      className="message-scroll"
      tabIndex={0}
      role="region"
      aria-label="Messages"
      aria-busy={props.busy}
    >
      <table
        role="grid"
        className="messages"
        style={{ width }}
        aria-label="Messages"
        aria-multiselectable="true"
        aria-rowcount={rows.length + 2}
      >
        <colgroup>
          {headers.map((header) => (
            <col key={header.id} style={{ width: header.getSize() }} />
          ))}
          <col style={{ width: actionsWidth }} />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {headers.map((header) => (
              <HeadCell
                key={header.id}
                id={header.id}
                look={looks.get(header.id)}
                size={header.getSize()}
                onResize={layout.resize}
                onMove={layout.move}
                onMenu={(x, y) => setHeadMenu({ id: header.id, x, y })}
              />
            ))}
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
          <tr className="filters" aria-rowindex={2}>
            {headers.map((header) => (
              <td key={header.id}>{props.filterCell(header.id)}</td>
            ))}
            <td />
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={press}>
          {before > 0 && <tr aria-hidden="true" style={{ height: before }} />}
          {items.map(({ index }) => {
            const row = rows[index] as ShownRow
            const isChosen = selection.chosen.has(row.id)
            return (
              <tr
                key={row.id}
                data-index={index}
                aria-rowindex={index + 3}
                aria-selected={isChosen}
                tabIndex={index === tabStop ? 0 : -1}
                className={row.isGone ? 'gone' : undefined}
                onClick={(event) => click(event, row.id)}
                onDoubleClick={() => onOpen(row.id)}
                onContextMenu={(event) => menuAt(event, row.id)}
                onFocus={(event) => {
                  if (event.target === event.currentTarget && selection.active === undefined) onSelect(only(row.id))
                }}
              >
                {headers.map((header) => {
                  const look = looks.get(header.id)
                  return (
                    <td
                      key={header.id}
                      className={`${look?.numeric ? 'numeric' : ''} ${look?.mono ? 'mono' : ''} ${header.id}`}
                    >
                      {look?.cell(row, now)}
                    </td>
                  )
                })}
                <td className="actions">
                  <button
                    type="button"
                    tabIndex={isChosen ? 0 : -1}
                    className="button plain square small"
                    aria-label={`Actions for message ${row.id}`}
                    onClick={(event) => {
                      event.stopPropagation()
                      menuAt(event, row.id)
                    }}
                  >
                    <Glyph name="more" />
                  </button>
                </td>
              </tr>
            )
          })}
          {after > 0 && <tr aria-hidden="true" style={{ height: after }} />}
        </tbody>
      </table>
      {rows.length === 0 && props.empty}
      {headMenu && (
        <Menu
          label="Column"
          at={headMenu}
          onClose={() => setHeadMenu(undefined)}
          entries={columnEntries(headMenu.id, layout, table.getColumn(headMenu.id)?.getSize() ?? 100)}
        />
      )}
    </div>
  )
}

const actionsWidth = 44

const columnEntries = (id: string, layout: ReturnType<typeof useColumnLayout>, size: number) => {
  const place = layout.order.indexOf(id)
  const [left, right] = [layout.order[place - 1], layout.order[place + 1]]
  const widen = (by: number) => () => layout.resize(id, size + by)
  return [
    { label: 'Move left', disabled: left ? undefined : 'It is the first', run: () => left && layout.move(id, left) },
    { label: 'Move right', disabled: right ? undefined : 'It is the last', run: () => right && layout.move(id, right) },
    { label: 'Wider', run: widen(32) },
    { label: 'Narrower', run: widen(-32) },
    'line' as const,
    { label: 'Reset all columns', run: layout.reset },
  ]
}

interface HeadCellProps {
  readonly id: string
  readonly look: { readonly heading: string; readonly hint?: string; readonly numeric?: boolean } | undefined
  readonly size: number
  readonly onResize: (id: string, size: number) => void
  readonly onMove: (id: string, to: string) => void
  readonly onMenu: (x: number, y: number) => void
}

/** Dragged to another place, or by its edge to another width; a click offers the same without dragging. */
const HeadCell = ({ id, look, size, onResize, onMove, onMenu }: HeadCellProps) => {
  /** Where the pointer took hold of the edge, less the width that the column had then. */
  const [offset, setOffset] = useState<number>()
  const drop = (event: DragEvent) => {
    const moved = event.dataTransfer.getData('text/x-millrace-column')
    if (moved && moved !== id) onMove(moved, id)
  }
  return (
    <th
      scope="col"
      className={look?.numeric ? 'numeric' : undefined}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <button
        type="button"
        draggable
        title={look?.hint}
        onDragStart={(event) => event.dataTransfer.setData('text/x-millrace-column', id)}
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect()
          onMenu(left, bottom + 2)
        }}
      >
        {look?.heading}
      </button>
      <span
        className={offset === undefined ? 'edge' : 'edge dragged'}
        aria-hidden="true"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setOffset(event.clientX - size)
        }}
        onPointerMove={(event) => offset !== undefined && onResize(id, event.clientX - offset)}
        onLostPointerCapture={() => setOffset(undefined)}
      />
    </th>
  )
}
