import type { PushTargetInput } from '../../../core/push-target.ts'
import { type Fields, isFields } from '../documents.ts'

/** As Zaqar repeats a call when nobody has said otherwise: at once, then after a short wait, then after growing ones. */
const standard = {
  retries_with_no_delay: 3,
  minimum_delay_retries: 3,
  minimum_delay: 5,
  maximum_delay: 30,
  maximum_delay_retries: 3,
  retry_backoff_function: 'linear',
}

const mostOfAKind = 25

/** The policy of the subscription, or of its queue where it has none of its own or may not override it. */
export const retriesOf = (own: unknown, queues: unknown): NonNullable<PushTargetInput['retries']> => {
  const overridden = isFields(queues) && queues.ignore_subscription_override === true
  const said = isFields(own) && !overridden ? own : isFields(queues) ? queues : {}
  const number = (name: keyof typeof standard, most: number): number => {
    const value = said[name] ?? standard[name]
    return typeof value === 'number' && value >= 0 ? Math.min(Math.floor(value), most) : Number(standard[name])
  }
  const atOnce = number('retries_with_no_delay', mostOfAKind)
  const few = number('minimum_delay_retries', mostOfAKind)
  const last = number('maximum_delay_retries', mostOfAKind)
  const min = number('minimum_delay', day)
  const max = Math.max(min, number('maximum_delay', day))
  const delaysMs = [
    ...Array<number>(atOnce).fill(0),
    ...Array<number>(few).fill(min),
    ...growing(min, max, said),
    ...Array<number>(last).fill(max),
  ].map((seconds) => seconds * 1000)
  return { max: delaysMs.length, delaysMs: delaysMs.length > 0 ? delaysMs : null }
}

const day = 86_400

/** The steps between the least and the largest wait. */
const growing = (min: number, max: number, { retry_backoff_function: how = 'linear' }: Fields): number[] => {
  const steps: number[] = []
  const isLinear = how === 'linear' || how === 'arithmetic'
  let wait = isLinear ? min + Math.max(min, 1) : Math.max(min, 1) * 2
  while (wait < max && steps.length < mostOfAKind) {
    steps.push(wait)
    wait = isLinear ? wait + Math.max(min, 1) : wait * 2
  }
  return steps
}
