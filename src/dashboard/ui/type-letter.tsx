import type { DeliveryType } from '../../client/index.ts'
import { typeNames } from '../types.ts'

/** The letter of a type, with its name for those who do not know it by heart. */
export const TypeLetter = ({ type }: { type: DeliveryType }) => (
  <abbr className={`letter ${type}`} title={typeNames[type]}>
    {type}
  </abbr>
)
