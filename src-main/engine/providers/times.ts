import { iso } from '../iso-time.ts'

/** Times as the providers write them, always UTC. All take epoch milliseconds. */

/** `2026-04-22T18:30:00+00:00` */
export function isoWithOffset(epochMs: number): string {
  return `${isoDateTime(epochMs)}+00:00`
}

/** `2026-04-29T10:30:00Z` */
export function isoSeconds(epochMs: number): string {
  return `${isoDateTime(epochMs)}Z`
}

/** `2026-03-19T12:00:00.000Z` */
export function isoMilliseconds(epochMs: number): string {
  return iso(epochMs)
}

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

function isoDateTime(epochMs: number): string {
  return iso(epochMs).slice(0, -'.000Z'.length)
}
