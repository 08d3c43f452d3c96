import type { Lane } from './lane.ts'

/**
 * How many requests may be under way in all, and a lane's share of them. Destinations that never answer must not take
 * every slot from the others: so with less than its share a lane may go beyond the limit. All lanes together take at
 * most twice the limit or, when there are more of them than that, one each.
 */
export class Slots {
  readonly #limit: () => number
  #taken = 0
  #lanes = 0

  constructor(limit: () => number) {
    this.#limit = limit
  }

  get areLeft(): boolean {
    return this.#taken < this.#limit()
  }

  mayTake(lane: Lane): boolean {
    if (this.areLeft || lane.slots === 0) return true
    return this.#taken < 2 * this.#limit() && this.isBelowShare(lane)
  }

  /** The limit divided among the lanes that have slots. */
  isBelowShare(lane: Lane): boolean {
    return lane.slots < Math.floor(this.#limit() / Math.max(1, this.#lanes))
  }

  take(lane: Lane): void {
    if (lane.slots === 0) this.#lanes += 1
    lane.slots += 1
    this.#taken += 1
  }

  giveBack(lane: Lane): void {
    lane.slots -= 1
    this.#taken -= 1
    if (lane.slots === 0) this.#lanes -= 1
  }
}
