import type { QueueEngine } from '../../core/engine-api.ts'
import { isRefusal } from '../../core/errors.ts'
import type { QueueAddress, QueueView } from '../../core/requests.ts'
import { Refused } from './problems.ts'
import { checkGroupId, groupUuid, publicIdOf, readersOf } from './queue-ids.ts'
import { isKafka } from './queue-modes.ts'

/** A queue as the verbs of core address it: this one, and no later one of its name. */
export interface QueuePlace {
  readonly address: Required<QueueAddress>
  readonly isKafka: boolean
  readonly groups: ReadonlyMap<string, GroupPlace>
}

export interface GroupPlace {
  readonly group: string
  readonly groupId: number
  /** A consumer group; else the one reader of a queue without them, which sees each message until it is acknowledged. */
  readonly isConsumer: boolean
}

/**
 * Which queue and group an id means. What was found once is remembered: an id never means another one, and core refuses what is gone, upon
 * which it is looked up anew.
 */
export class Places {
  readonly #engine: QueueEngine
  readonly #known = new Map<string, QueuePlace>()

  constructor(engine: QueueEngine) {
    this.#engine = engine
  }

  /** The queue as it is now. */
  async queue(account: string, id: string): Promise<QueueView> {
    const publicId = publicIdOf(id)
    const view = publicId && (await this.#engine.findQueue({ account, nameOrId: publicId }))
    if (!view || view.publicId !== publicId) throw new Refused(10240401)
    return view
  }

  /** Runs what is to be done with a queue, again if what was remembered of it was wrong. */
  async inQueue<Result>(account: string, id: string, run: (place: QueuePlace) => Promise<Result>): Promise<Result> {
    const key = `${account}\n${id.toLowerCase()}`
    const known = this.#known.get(key)
    if (known) {
      try {
        return await run(known)
      } catch (error) {
        if (!isRefusal(error, 'QueueNotFound') && !isRefusal(error, 'GroupNotFound') && !isUnknownGroup(error))
          throw error
        this.#known.delete(key)
      }
    }
    const place = placeOf(await this.queue(account, id))
    if (this.#known.size >= mostKnown) this.#known.clear()
    this.#known.set(key, place)
    return await run(place)
  }

  /** The same for a group of the queue. */
  inGroup<Result>(
    account: string,
    id: string,
    groupId: string,
    run: (queue: QueuePlace, group: GroupPlace) => Promise<Result>,
  ): Promise<Result> {
    return this.inQueue(account, id, (place) => {
      const group = place.groups.get(checkGroupId(groupId))
      if (!group) throw new Refused(10240405)
      return run(place, group)
    })
  }
}

const mostKnown = 10_000

const isUnknownGroup = (error: unknown): boolean => error instanceof Refused && error.code === 10240405

const placeOf = (view: QueueView): QueuePlace => ({
  address: { account: view.account, queue: view.name, queueId: view.id },
  isKafka: isKafka(view),
  groups: new Map(
    readersOf(view).map((group) => [
      groupUuid(group),
      { group: group.name, groupId: group.id, isConsumer: group.kind === 'consumer' },
    ]),
  ),
})
