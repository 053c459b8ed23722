/** So many messages that wait are still worth their room in memory. */
const fewWaiting = 4_000
const groupsKnown = 20_000

interface Group {
  /** The latest position that was sent to it. */
  newest: number
  sentSinceReceive: number
  isBehind: boolean
}

/**
 * Which groups are behind: what is sent to them now will not be received soon, and what is received from them now was
 * sent long ago. Then neither is the one worth keeping in memory nor the other worth looking for there.
 */
export class Backlogs {
  readonly #groups = new Map<number, Group>()

  isBehind(groupId: number): boolean {
    return this.#groups.get(groupId)?.isBehind ?? false
  }

  sent(groupId: number, position: number): void {
    const group = this.#group(groupId)
    group.newest = position
    if (++group.sentSinceReceive > fewWaiting) group.isBehind = true
  }

  /** `lastPosition`: of the last delivery that was found, when there were as many as asked for. */
  received(groupId: number, lastPosition: number | undefined): void {
    const group = this.#group(groupId)
    group.sentSinceReceive = 0
    group.isBehind =
      lastPosition !== undefined && (group.newest < lastPosition || group.newest - lastPosition > fewWaiting)
  }

  #group(groupId: number): Group {
    let group = this.#groups.get(groupId)
    if (!group) {
      // Only hints are lost.
      if (this.#groups.size >= groupsKnown) this.#groups.clear()
      group = { newest: -1, sentSinceReceive: 0, isBehind: false }
      this.#groups.set(groupId, group)
    }
    return group
  }
}
