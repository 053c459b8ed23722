import { InvalidArgumentError } from '@commander-js/extra-typings'
import type { DeliveryState, DeliveryType } from '../../client/index.ts'

export const allStates = [
  'ready',
  'behind',
  'delayed',
  'leased',
  'finished',
] as const satisfies readonly DeliveryState[]
const allTypes = ['Q', 'D', 'P', 'E', 'F', 'S'] as const satisfies readonly DeliveryType[]

export const stateList = (text: string): readonly DeliveryState[] =>
  text === 'all' ? allStates : listOf(text, allStates)

export const typeList = (text: string): readonly DeliveryType[] => listOf(text.toUpperCase(), allTypes)

const listOf = <Value extends string>(text: string, values: readonly Value[]): Value[] =>
  text.split(',').map((part) => {
    const value = values.find((each) => each === part.trim())
    if (value === undefined) throw new InvalidArgumentError(`Give some of ${values.join(', ')}, with commas between.`)
    return value
  })
