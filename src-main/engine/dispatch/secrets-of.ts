import type { Destination } from '../../../src-shared/model/destination.ts'
import type { SecretBox } from '../ports.ts'

/** Opened secrets, remembered for as long as the destination's record is the same object. */
export class DestinationSecrets {
  readonly #box: SecretBox
  readonly #opened = new WeakMap<Destination, { current: string | null; previous: string | null }>()

  constructor(box: SecretBox) {
    this.#box = box
  }

  /**
   * The secrets that sign now, current first; the previous one only while it is valid.
   * @throws AppError `secrets_unavailable`
   */
  signing(destination: Destination, now: number): string[] {
    let opened = this.#opened.get(destination)
    if (opened === undefined) {
      const { secret, previous_secret: previous } = destination
      opened = {
        current: secret === null ? null : this.#box.open(secret.sealed),
        previous: previous === null ? null : this.#box.open(previous.sealed),
      }
      this.#opened.set(destination, opened)
    }
    if (opened.current === null) return []
    const previousValid =
      destination.previous_secret !== null && Date.parse(destination.previous_secret.valid_until) > now
    return previousValid && opened.previous !== null ? [opened.current, opened.previous] : [opened.current]
  }
}
