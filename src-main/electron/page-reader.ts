import type { BridgeMessage } from '../../src-shared/desktop/bridge.ts'
import type { DesktopMessage } from '../../src-shared/desktop/desktop-contract.ts'
import type { Clock, Timer } from '../engine/ports.ts'
import type { FeedReader, PushFeed } from '../engine/push-feed.ts'

/** Long enough to send what comes together together, too short to be seen. */
const gatherMs = 8
const mostInBatch = 500
/** What a page that never asks is told is not kept forever. */
const mostTold = 100

/** What one page reads, at its own pace: it asks for the next batch when it has taken the last one. */
export class PageReader {
  readonly #reader: FeedReader
  readonly #clock: Clock
  readonly #stopListening: () => void
  #told: DesktopMessage[] = []
  #waiting: ((batch: readonly BridgeMessage[] | null) => void) | null = null
  #timer: Timer | null = null
  #closed = false

  constructor(feed: PushFeed, clock: Clock, lastId: string | null) {
    this.#clock = clock
    this.#reader = feed.open(lastId)
    this.#stopListening = feed.subscribe(() => this.#soon())
  }

  /** The next messages, as soon as there are some; null once it is closed. */
  next(): Promise<readonly BridgeMessage[] | null> {
    if (this.#closed) return Promise.resolve(null)
    // A page asks again only after it was answered; whoever asked before is gone.
    this.#answer([])
    const batch = this.#batch()
    if (batch.length > 0) return Promise.resolve(batch)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  tell(message: DesktopMessage): void {
    if (this.#closed) return
    this.#told = [...this.#told, message].slice(-mostTold)
    this.#soon()
  }

  close(): void {
    this.#closed = true
    this.#stopListening()
    this.#timer?.cancel()
    this.#waiting?.(null)
    this.#waiting = null
  }

  #soon(): void {
    if (this.#waiting === null || this.#timer !== null) return
    this.#timer = this.#clock.after(gatherMs, () => {
      this.#timer = null
      const batch = this.#waiting === null ? [] : this.#batch()
      if (batch.length > 0) this.#answer(batch)
    })
  }

  #answer(batch: readonly BridgeMessage[]): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.(batch)
  }

  #batch(): BridgeMessage[] {
    const batch: BridgeMessage[] = this.#told.map((desktop) => ({ desktop }))
    this.#told = []
    while (batch.length < mostInBatch) {
      const message = this.#reader.next()
      if (message === null) break
      batch.push(message)
    }
    return batch
  }
}
