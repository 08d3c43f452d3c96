import type { PushEvent } from '../engine/push.ts'
import type { CaptureId, DestinationId } from '../../src-shared/model/ids.ts'

/** Something to tell the user who doesn't look. */
export interface Notice {
  readonly title: string
  readonly body: string
  /** Where a click leads: a path as in the page's address. */
  readonly path: string
}

/** Rejected signatures come in swarms: after one was told, the others of this time are counted. */
const quietMs = 30_000
/** Of so many captures it is known that they were told or counted. */
const mostKnown = 1000

/**
 * What is worth a notification: a destination that fails again and again or was paused, a rejected signature.
 * @param nameOf a destination's name
 * @param now monotonic milliseconds
 */
export function createNotices(
  nameOf: (id: DestinationId) => string | undefined,
  now: () => number,
): (event: PushEvent) => Notice | null {
  let toldAt = -Infinity
  let untold = 0
  const known = new Set<CaptureId>()
  // A capture is announced again when it is pinned, tagged or noted.
  const isNew = (id: CaptureId): boolean => {
    if (known.has(id)) return false
    known.add(id)
    const [oldest] = known
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
    return true
  }
  return (event) => {
    if (event.kind === 'destination') {
      if (event.change === 'changed') return null
      const name = nameOf(event.destinationId) ?? 'A destination'
      return {
        title: event.change === 'paused' ? `${name} was paused` : `${name} keeps failing`,
        body:
          event.change === 'paused'
            ? 'It has failed too often; nothing is sent to it until it is resumed.'
            : 'Its last deliveries have all failed.',
        path: `/destinations/${event.destinationId}`,
      }
    }
    if (event.kind !== 'capture' || event.capture.verdict.status !== 'rejected') return null
    if (event.capture.pinned || event.capture.note !== '' || event.capture.tags.length > 0) return null
    if (!isNew(event.capture.id)) return null
    if (now() - toldAt < quietMs) {
      untold += 1
      return null
    }
    const more = untold === 0 ? '' : ` ${untold} more since the last message.`
    toldAt = now()
    untold = 0
    return {
      title: 'A signature was rejected',
      body: `${inert(event.capture.verdict.message)}${more}`,
      path: `/captures/${event.capture.id}`,
    }
  }
}

/** A verdict quotes the request, and notification services take markup, images among it. */
function inert(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('&', '＆')
}
