import type { QueueInfo } from '../../../client/index.ts'
import { addressOf, go } from '../../address.ts'
import type { Place } from '../../data/messages.ts'
import { shortCount } from '../../format.ts'
import { queuedOf } from '../../types.ts'

interface GroupSelectorProps {
  readonly queue: QueueInfo
  readonly place: Place
}

/** Whose deliveries are shown: those of the queue itself, of one of its groups, or the dead letters of one. */
export const GroupSelector = ({ queue: { account, name, groups, settings }, place }: GroupSelectorProps) => {
  const readers = groups.filter(({ kind }) => kind !== 'default')
  if (readers.length === 0) return null
  const chosen = readers.find((group) => group.name === place.group)
  const value = chosen ? choiceOf(chosen.name, place.deadLetters === true) : ''
  return (
    <label className="group-choice">
      <span className="visually-hidden">Group</span>
      <select
        className="select"
        value={value}
        onChange={(event) => {
          const [dead, group] = partsOf(event.target.value)
          go(addressOf(['queues', account, name], { group, dead: dead ? 'yes' : undefined }))
        }}
      >
        <option value="">{settings.consumerGroups ? 'Messages of all groups' : 'The queue itself'}</option>
        {readers.map((group) => (
          <option key={group.id} value={choiceOf(group.name, false)}>
            {group.name}
          </option>
        ))}
        {readers
          .filter(({ deadLetters }) => deadLetters !== null)
          .map((group) => (
            <option key={group.id} value={choiceOf(group.name, true)}>
              Dead letters of {group.name} ({shortCount(group.deadLetters ? queuedOf(group.deadLetters) : 0)})
            </option>
          ))}
      </select>
    </label>
  )
}

const choiceOf = (group: string, dead: boolean): string => `${dead ? 'dead' : 'live'} ${group}`

const partsOf = (value: string): [dead: boolean, group: string | undefined] =>
  value === '' ? [false, undefined] : [value.startsWith('dead '), value.slice('dead '.length)]
