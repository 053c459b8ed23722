import type { ColumnOrderState, ColumnSizingState } from '@tanstack/react-table'
import { useLayoutEffect, useState } from 'react'
import { widths } from './columns.tsx'

const name = 'millrace.columns'

interface Layout {
  readonly order: ColumnOrderState
  readonly sizes: ColumnSizingState
}

/** Order and widths of the columns, as this browser remembers them. */
export const useColumnLayout = (ids: readonly string[]) => {
  const [layout, setLayout] = useState<Layout>(read)
  // With the columns themselves, so that a page that is left at once remembers them too.
  useLayoutEffect(() => localStorage.setItem(name, JSON.stringify(layout)), [layout])
  const order = [...layout.order.filter((id) => ids.includes(id)), ...ids.filter((id) => !layout.order.includes(id))]
  return {
    order,
    sizes: layout.sizes,
    resize: (id: string, size: number) => {
      const held = Math.round(Math.max(widths.least, Math.min(widths.most, size)))
      setLayout((before) => ({ ...before, sizes: { ...before.sizes, [id]: held } }))
    },
    /** To the place of another column. */
    move: (id: string, to: string) => {
      const rest = order.filter((other) => other !== id)
      const place = order.indexOf(to)
      setLayout((before) => ({ ...before, order: [...rest.slice(0, place), id, ...rest.slice(place)] }))
    },
    reset: () => setLayout({ order: [], sizes: {} }),
  }
}

const read = (): Layout => {
  try {
    const { order, sizes } = JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<Layout>
    return { order: Array.isArray(order) ? order : [], sizes: typeof sizes === 'object' ? sizes : {} }
  } catch {
    return { order: [], sizes: {} }
  }
}
