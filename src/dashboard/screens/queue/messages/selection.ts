/** Which rows are chosen, and from where a range goes. Rows are named by their ids, so that a selection survives changes. */
export interface Selection {
  readonly chosen: ReadonlySet<string>
  /** Where the keyboard is. */
  readonly active: string | undefined
  readonly anchor: string | undefined
}

export const nothingChosen: Selection = { chosen: new Set(), active: undefined, anchor: undefined }

export const only = (id: string): Selection => ({ chosen: new Set([id]), active: id, anchor: id })

export const toggled = ({ chosen }: Selection, id: string): Selection => {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return { chosen: next, active: id, anchor: id }
}

/** From where the last choice was made up to this row. */
export const ranged = ({ anchor }: Selection, rows: readonly string[], id: string): Selection => {
  const [from, to] = [rows.indexOf(anchor ?? id), rows.indexOf(id)]
  if (from === -1 || to === -1) return only(id)
  return {
    chosen: new Set(rows.slice(Math.min(from, to), Math.max(from, to) + 1)),
    active: id,
    anchor: anchor ?? id,
  }
}

export const all = ({ active }: Selection, rows: readonly string[]): Selection => ({
  chosen: new Set(rows),
  active: active ?? rows[0],
  anchor: rows[0],
})

/** By so many rows, or to an end; `extend`: the range goes along. */
export const stepped = (
  selection: Selection,
  rows: readonly string[],
  step: number | 'first' | 'last',
  extend: boolean,
): Selection => {
  if (rows.length === 0) return nothingChosen
  const here = selection.active === undefined ? -1 : rows.indexOf(selection.active)
  const wanted = step === 'first' ? 0 : step === 'last' ? rows.length - 1 : here === -1 ? 0 : here + step
  const id = rows[Math.max(0, Math.min(rows.length - 1, wanted))] as string
  return extend ? ranged(selection, rows, id) : only(id)
}
