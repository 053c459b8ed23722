import type { DeliveryType } from '../../../../client/index.ts'
import type { Counted } from '../../../data/act.ts'
import { count } from '../../../format.ts'
import { typeNames } from '../../../types.ts'
import { TypeLetter } from '../../../ui/type-letter.tsx'

/** The types of which there are any. */
export const typesOf = ({ types }: Counted): [DeliveryType, number][] =>
  (Object.entries(types) as [DeliveryType, number][]).filter(([, many]) => many > 0)

export const countOf = (messages: readonly { readonly type: DeliveryType }[]): Counted => {
  const types = { Q: 0, D: 0, P: 0, E: 0, F: 0, S: 0 }
  for (const { type } of messages) types[type]++
  return { count: messages.length, types, isWhole: true }
}

/** How many messages of which types an action is about. */
export const TypeList = ({ counted, stays }: { counted: Counted; stays?: (type: DeliveryType) => boolean }) => {
  const types = typesOf(counted)
  if (types.length === 0) return null
  return (
    <ul className="type-list">
      {types.map(([type, many]) => (
        <li key={type}>
          <TypeLetter type={type} /> {count(many)} {typeNames[type]}
          {stays?.(type) && <span className="muted"> – stay as they are</span>}
        </li>
      ))}
    </ul>
  )
}
