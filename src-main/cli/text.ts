import type { CaptureSummary } from '../../src-shared/model/capture.ts'
import type { AttemptView, DeliverySummary } from '../../src-shared/model/delivery.ts'
import type { Header } from '../../src-shared/model/header.ts'
import { visible, visibleLines, type Colours } from './output.ts'

/** How deliveries, attempts and captures look as text. Everything from outside goes through {@link visible}. */

export function headerLines(headers: readonly Header[]): string[] {
  return headers.map(([name, value]) => `${visible(name)}: ${visible(value)}`)
}

/** A body as text, or its size when it is binary. */
export function bodyLines(body: Uint8Array, most = 200): string[] {
  if (body.length === 0) return []
  const text = Buffer.from(body).toString('utf8')
  if (text.includes('\u0000')) return [`(${body.length} bytes, not text)`]
  const lines = visibleLines(text)
  return lines.length > most ? [...lines.slice(0, most), `… ${lines.length - most} more lines`] : lines
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
  const answer = status === null ? '' : `${status} `
  const error = attempt.error === null ? '' : `${attempt.error.code}: ${visible(attempt.error.message)} `
  const text = `attempt ${attempt.number}: ${answer}${error}in ${milliseconds(attempt.duration_ms)}`
  return good ? colour.good(text) : colour.bad(text)
}

export function deliveryLine(delivery: DeliverySummary, colour: Colours): string {
  const next = delivery.next_attempt_at === null ? '' : `, next attempt at ${delivery.next_attempt_at}`
  const error =
    delivery.error === null || delivery.status === 'succeeded' ? '' : `: ${visible(delivery.error.message)}`
  return `${delivery.id}  ${statusText(delivery.status, colour)} after ${delivery.attempt_count} attempts${next}${error}`
}

/** A capture as it is printed when it comes in. */
export function captureLines(capture: CaptureSummary, body: Uint8Array, colour: Colours): string[] {
  const { verdict } = capture
  const secret = verdict.secret_name === null ? '' : ` (${visible(verdict.secret_name)})`
  return [
    `${colour.bold(`${visible(capture.method)} ${visible(capture.target)}`)}  ${colour.dim(capture.received_at)}`,
    `${statusText(verdict.status, colour)}${secret}: ${visible(verdict.message)}`,
    ...(capture.malformed === null ? [] : [colour.bad(`malformed: ${visible(capture.malformed.reason)}`)]),
    ...headerLines(capture.headers).map(colour.dim),
    ...bodyLines(body, 40),
    ...(capture.truncated
      ? [colour.warn(`(only ${body.length} of ${capture.body_bytes} bytes are kept)`)]
      : []),
    '',
  ]
}
