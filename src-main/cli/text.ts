import type { OperationOutput } from '../../src-shared/api/contract.ts'
import { invalidInput } from '../../src-shared/errors.ts'
import type { BodyDifferenceView, CaptureView } from '../../src-shared/model/capture.ts'
import type { AttemptView, DeliverySummary } from '../../src-shared/model/delivery.ts'
import type { Header } from '../../src-shared/model/header.ts'
import { differenceLines } from './difference-lines.ts'
import { visible, visibleLines, type Colours } from './output.ts'

/** How deliveries, attempts and captures look as text. Everything from outside goes through {@link visible}. */

/** "1 delivery", "2 deliveries". */
export function plural(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun.replace(/y$/, 'ie')}s`}`
}

/** Said by a command that leaves work behind with nobody to do it. */
export const sentLater = 'Nothing is running: it is stored, and goes out at the next `hookbench serve`.'

/** How to get the page behind this one. */
export function nextPageLines(page: { readonly next_cursor: string | null }): string[] {
  return page.next_cursor === null ? [] : [`More with --cursor ${page.next_cursor}`]
}

/** A name with the end of its id, to tell equal names apart: ids begin with the time, which neighbours share. */
export function nameWithId(name: string, id: string): string {
  return `${visible(name)} (…${id.slice(-8)})`
}

/** The advice for a failure, unless its own sentence gives it: those of the connection do. */
export function hintLines(error: { readonly code: string } | null, hint: string | null): string[] {
  return hint === null || error?.code.startsWith('http_') !== true ? [] : [hint]
}

export function headerLines(headers: readonly Header[]): string[] {
  return headers.map(([name, value]) => `${visible(name)}: ${visible(value)}`)
}

/** A body as text, or its size when it is binary. */
export function bodyLines(body: Uint8Array, most = 200): string[] {
  if (body.length === 0) return []
  const text = Buffer.from(body).toString('utf8')
  if (text.includes('\u0000')) return [`(${plural(body.length, 'byte')}, not text)`]
  const lines = visibleLines(text)
  return lines.length > most
    ? [...lines.slice(0, most), `… ${plural(lines.length - most, 'more line')}`]
    : lines
}

export function statusText(status: string, colour: Colours): string {
  if (status === 'succeeded' || status === 'verified' || status === 'active') return colour.good(status)
  if (status === 'failed' || status === 'rejected' || status === 'paused') return colour.bad(status)
  return status === 'retrying' ? colour.warn(status) : status
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${Math.round(value)} ms`
}

/** What came of an attempt, in one line. */
export function attemptLine(
  attempt: Pick<AttemptView, 'number' | 'response_status' | 'duration_ms' | 'error'>,
  colour: Colours,
): string {
  const status = attempt.response_status
  const good = status !== null && status >= 200 && status < 300 && attempt.error === null
  const duration = milliseconds(attempt.duration_ms)
  const outcome =
    attempt.error === null
      ? `${status ?? 'no answer'} in ${duration}`
      : `${status === null ? '' : `${status}, `}${attempt.error.code} after ${duration}: ${visible(attempt.error.message)}`
  const text = `attempt ${attempt.number}: ${outcome}`
  return good ? colour.good(text) : colour.bad(text)
}

export function deliveryLine(delivery: DeliverySummary, colour: Colours): string {
  const next = delivery.next_attempt_at === null ? '' : `, next attempt at ${delivery.next_attempt_at}`
  const error =
    delivery.error === null || delivery.status === 'succeeded' ? '' : `: ${visible(delivery.error.message)}`
  return `${delivery.id}  ${statusText(delivery.status, colour)} after ${plural(delivery.attempt_count, 'attempt')}${next}${error}`
}

/** A capture as it is printed when it comes in. */
export function captureLines(
  capture: CaptureView,
  body: Uint8Array,
  difference: BodyDifferenceView | null,
  colour: Colours,
): string[] {
  const { verdict } = capture
  const cause = verdict.cause === 'none' ? '' : ` (${verdict.cause})`
  const secret =
    verdict.status !== 'verified' || verdict.secret_name === null ? '' : ` (${visible(verdict.secret_name)})`
  return [
    `${colour.bold(`${visible(capture.method)} ${visible(capture.target)}`)}  ${colour.dim(capture.received_at)}`,
    `${statusText(verdict.status, colour)}${cause}${secret}: ${visible(verdict.message)}`,
    ...differenceLines(difference, colour),
    ...(capture.malformed === null ? [] : [colour.bad(`malformed: ${visible(capture.malformed.reason)}`)]),
    ...headerLines(capture.headers).map(colour.dim),
    ...bodyLines(body, 40),
    ...(capture.truncated
      ? [colour.warn(`(only ${capture.kept_bytes} of ${plural(capture.body_bytes, 'byte')} are kept)`)]
      : []),
    '',
  ]
}

/** What was removed, and how it comes back. */
export function removedLines(removed: OperationOutput<'deliveries.remove'>, noun: string): string[] {
  const skipped = removed.skipped === 0 ? '' : `, ${plural(removed.skipped, noun)} left: being sent just now`
  const undo =
    removed.removed === 0 ? [] : [`\`hookbench undo ${removed.undo_token}\` brings back, for a minute`]
  return [`removed ${plural(removed.removed, noun)}${skipped}`, ...undo]
}

/** A forgotten option must not mean everything. @throws AppError `invalid_input` */
export function requireFilter(filter: object, sentence: string): void {
  if (Object.values(filter).every((value) => value === undefined)) throw invalidInput(sentence)
}
