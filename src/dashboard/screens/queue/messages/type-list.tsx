import type { DeliveryType } from '../../../../client/index.ts'
import type { Counted } from '../../../data/act.ts'
import { count } from '../../../format.ts'
import { typeNames } from '../../../types.ts'
import { TypeLetter } from '../../../ui/type-letter.tsx'

/** The types of which there are any. */
export const typesOf = ({ types }: Counted): [DeliveryType, number][] =>
  (Object.entries(types) as [DeliveryType, number][]).filter(([, many]) => many > 0)

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
