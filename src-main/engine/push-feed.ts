import type { PushMessage } from '../../src-shared/api/push-events.ts'
import type { StreamedMessage } from '../../src-shared/api/event-stream.ts'
import type { PushEvent, PushHub } from './push.ts'
import { captureSummary } from './use-cases/captures.ts'
import { iso } from './iso-time.ts'
import { deliverySummary } from './use-cases/deliveries.ts'
import { replayView } from './use-cases/replay-view.ts'

/**
 * The last events, for readers that come and go at their own pace. A reader is a position in a ring: a slow one costs
 * no memory, and one that falls behind the ring is told to read everything again. While nobody has been reading for
 * as long as the ring reaches back, nobody can go on from anywhere, and nothing is kept.
 */
export interface PushFeed {
  /**
   * A reader from the event after `lastId` on; without one, from now on. An id of another launch, or of an event that
   * the ring has let go, begins with `reset`.
   */
  open(lastId: string | null): FeedReader
  /** Called when there is something new to read. @returns stops that */
  subscribe(listener: () => void): () => void
}

export interface FeedReader {
  /** The next message, or null when everything was read. */
  next(): StreamedMessage | null
}

interface Entry {
  readonly event: PushEvent
  message: PushMessage | null
}

const capacity = 4096

/** The last events by their numbers, for as long as somebody may want them. */
class Ring {
  #entries = emptyRing()
  /** Number of the newest event. */
  newest = 0
  /** How many events up to the newest are kept. */
  #kept = 0
  /** How many more are kept though nobody listens: a reader may come back. */
  #keptFor = 0

  add(event: PushEvent, isHeard: boolean): void {
    this.newest += 1
    if (isHeard || this.#keptFor > 0) {
      if (!isHeard) this.#keptFor -= 1
      this.#entries[this.newest % capacity] = { event: slim(event), message: null }
      this.#kept = Math.min(this.#kept + 1, capacity)
    } else if (this.#kept > 0) {
      this.#entries = emptyRing()
      this.#kept = 0
    }
  }

  /** Somebody reads: what comes is kept for as long as a reader can be away. */
  keep(): void {
    this.#keptFor = capacity
  }

  /** True when everything behind this number is there. */
  reachesBackTo(number: number): boolean {
    return number <= this.newest && this.newest - number <= this.#kept
  }

  message(number: number): PushMessage | null {
    const entry = this.#entries[number % capacity]
    if (entry === undefined) return null
    return (entry.message ??= toMessage(entry.event))
  }
}

const emptyRing = (): (Entry | undefined)[] => Array.from({ length: capacity })

/** @param launch tells this launch's ids from those of another one: letters and digits */
export function createPushFeed(hub: PushHub, launch: string): PushFeed {
  const ring = new Ring()
  const listeners = new Set<() => void>()
  hub.subscribe((event) => {
    ring.add(event, listeners.size > 0)
    for (const listener of listeners) listener()
  })
  const idOf = (number: number): string => `${launch}-${number}`
  const control = (event: 'ready' | 'reset', number: number): StreamedMessage => ({
    id: idOf(number),
    message: { event, data: {} },
  })
  const startOf = (lastId: string | null): number | 'reset' => {
    if (lastId === null) return ring.newest
    const [, of, text] = /^([a-z0-9]+)-(\d{1,15})$/.exec(lastId) ?? []
    const number = Number(text)
    return of === launch && ring.reachesBackTo(number) ? number : 'reset'
  }
  return {
    open(lastId) {
      ring.keep()
      const start = startOf(lastId)
      let read = start === 'reset' ? ring.newest : start
      let first: StreamedMessage | null = control(start === 'reset' ? 'reset' : 'ready', read)
      return {
        next() {
          if (first !== null) {
            const opening = first
            first = null
            return opening
          }
          if (read === ring.newest) return null
          if (!ring.reachesBackTo(read)) {
            read = ring.newest
            return control('reset', read)
          }
          read += 1
          const message = ring.message(read)
          return message === null ? null : { id: idOf(read), message }
        },
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      ring.keep()
      return () => listeners.delete(listener)
    },
  }
}

/** Without the bodies, which nobody gets from here: the ring would hold them for long. */
function slim(event: PushEvent): PushEvent {
  if (event.kind !== 'attempt') return event
  const { attempt } = event
  const response = attempt.response === null ? null : { ...attempt.response, excerpt: new Uint8Array() }
  return { ...event, attempt: { ...attempt, requestBody: null, requestHeaders: [], response } }
}

function toMessage(event: PushEvent): PushMessage {
  switch (event.kind) {
    case 'event': {
      const { id, workspaceId, type, occurredAt } = event.event
      return { event: 'event', data: { id, workspace_id: workspaceId, type, occurred_at: iso(occurredAt) } }
    }
    case 'delivery':
      return { event: 'delivery', data: deliverySummary(event.delivery) }
    case 'attempt': {
      const { number, startedAt, durationMs, response, error } = event.attempt
      const data = {
        delivery_id: event.deliveryId,
        number,
        started_at: iso(startedAt),
        duration_ms: durationMs,
        response_status: response?.status ?? null,
        error: error === null ? null : { code: error.code, message: error.message },
      }
      return { event: 'attempt', data }
    }
    case 'capture':
      return { event: 'capture', data: captureSummary(event.capture) }
    case 'replay':
      return { event: 'replay', data: replayView(event.replay, event.counts) }
    case 'destination':
      return {
        event: 'destination',
        data: { destination_id: event.destinationId, change: event.change },
      }
    case 'history':
      return {
        event: 'history',
        data: { of: event.of, change: event.change, ids: event.ids === null ? null : [...event.ids] },
      }
    case 'configuration':
      return { event: 'configuration', data: { of: event.of, id: event.id } }
    case 'reset':
      return { event: 'reset', data: {} }
  }
}
