import { useTable } from '@tanstack/react-table'
import { type DragEvent, type ReactNode, useMemo, useState } from 'react'
import { Menu } from '../../../ui/menu.tsx'
import { useColumnLayout } from './column-layout.ts'
import { columnsOf, type ExtraColumn, features, looksOf, type ShownRow, shownColumns } from './columns.tsx'
import { MessageRows, type MessageRowsProps } from './message-rows.tsx'

export interface MessageTableProps extends Omit<MessageRowsProps, 'columns' | 'scroll'> {
  readonly extras: readonly ExtraColumn[]
  readonly busy: boolean
  readonly empty: ReactNode
  readonly filterCell: (column: string) => ReactNode
}

/** The result of the last query, under its headings and filters. */
export const MessageTable = (props: MessageTableProps) => {
  const { rows, extras } = props
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
  const order = layout.order.join('\n')
  const shown = useMemo(() => shownColumns(order.split('\n'), looks), [order, looks])
  const [scroll, setScroll] = useState<HTMLDivElement | null>(null)
  const width = headers.reduce((sum, header) => sum + header.getSize(), actionsWidth)
  return (
    <div
      ref={setScroll}
      className="message-scroll"
      tabIndex={0}
      role="region"
      aria-label="Messages"
      aria-busy={props.busy}
      onKeyDown={(event) => {
        // From a page without rows, too, there is a way back.
        if (rows.length === 0 && event.target === event.currentTarget && props.onKey(event)) event.preventDefault()
      }}
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
        <MessageRows {...props} columns={shown} scroll={scroll} />
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
