import type { TimestampEvidence, Unreadable } from './read-evidence.ts'

const isoTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i

/** By the number of digits, until the year 2286. */
const units: Readonly<Record<number, string>> = { 13: 'milliseconds', 16: 'microseconds', 19: 'nanoseconds' }

/** What is wrong with the form of a timestamp, or null. Only decimal unix seconds are right in a header. */
export function malformedTimestamp(timestamp: TimestampEvidence | null): Unreadable | null {
  if (timestamp === null || readSeconds(timestamp) !== null) return null
  const wanted = timestamp.from === 'header' ? 'unix seconds in decimal digits' : 'ISO 8601 or unix seconds'
  return {
    cause: 'header-malformed',
    // Only what looks like a time is quoted: a secret may have been put there.
    message: `The timestamp${/^[\dTZ:+. -]+$/.test(timestamp.text) ? ` "${shorten(timestamp.text)}"` : ''} is not ${wanted}.`,
  }
}

/**
 * What is wrong with a well-formed timestamp of a request whose signature is right, or null.
 * The age is in whole seconds, and exactly `toleranceSeconds` is still fine.
 */
export function checkTimestamp(
  timestamp: TimestampEvidence | null,
  nowMs: number,
  toleranceSeconds: number,
): Unreadable | null {
  const seconds = timestamp === null ? null : readSeconds(timestamp)
  if (timestamp === null || seconds === null) return null
  const unit = units[timestamp.text.length]
  if (unit !== undefined && /^\d+$/.test(timestamp.text)) {
    return {
      cause: 'timestamp-unit',
      message: `The timestamp ${timestamp.text} is in ${unit}; send and sign unix seconds (${timestamp.text.slice(0, 10)}).`,
    }
  }
  if (toleranceSeconds === 0) return null
  const ageSeconds = Math.floor(nowMs / 1000) - seconds
  if (ageSeconds > toleranceSeconds) return stale(ageSeconds, toleranceSeconds)
  if (-ageSeconds > toleranceSeconds) return future(-ageSeconds, toleranceSeconds)
  return null
}

function stale(ageSeconds: number, toleranceSeconds: number): Unreadable {
  return {
    cause: 'timestamp-stale',
    message:
      `The signature is right, but its timestamp is ${ageSeconds} s old and ${toleranceSeconds} s are allowed. ` +
      'Sign each attempt with the time it is sent, and check the clocks; an old request that is sent again stays refused.',
  }
}

function future(aheadSeconds: number, toleranceSeconds: number): Unreadable {
  return {
    cause: 'timestamp-future',
    message:
      `The signature is right, but its timestamp is ${aheadSeconds} s in the future and ${toleranceSeconds} s are allowed. ` +
      "Check the sender's clock and this one's.",
  }
}

function readSeconds(timestamp: TimestampEvidence): number | null {
  if (/^\d+$/.test(timestamp.text)) return Number(timestamp.text)
  if (timestamp.from === 'header' || !isoTime.test(timestamp.text)) return null
  const milliseconds = Date.parse(timestamp.text)
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000)
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
