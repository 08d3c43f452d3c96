import type { Handlers } from '../../../src-shared/api/contract.ts'
import type { Cancellation, Content } from '../../../src-shared/api/operation.ts'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import type { Capture, CaptureSummary } from '../../../src-shared/model/capture.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { captureFilterOf, captureSummary, matchingCaptures } from '../use-cases/captures.ts'
import type { EngineContext } from '../use-cases/context.ts'
import { deliveryFilterOf, deliverySummary } from '../use-cases/deliveries.ts'
import { matchingDeliveries } from '../use-cases/move-many.ts'
import { csvLines } from './csv.ts'
import { harDocument } from './har.ts'
import { maskedHeaders, maskedTarget, type RequestDocument } from './request-document.ts'
import { capturedRequest, deliveredRequest, fileContent, signatureHeaders } from './requests.ts'
import { jsonText } from './write-config.ts'

type ListExportHandlers = Pick<Handlers, 'captures.export-list' | 'deliveries.export-list'>
type Format = Parameters<ListExportHandlers['captures.export-list']>[0]['format']

/** A document is made in memory: more than this is refused, not cut. */
const most: Readonly<Record<Format, number>> = { jsonl: 50_000, csv: 50_000, har: 1000 }
const mostBodyBytes = 64 * 1024 * 1024

/** Everything that a filter matches as one document. */
export function listExportHandlers(context: EngineContext, version: () => string): ListExportHandlers {
  const { store } = context
  return {
    'captures.export-list': async ({ format, include_secrets: withSecrets, ...filter }, cancelled) => {
      const pages = bounded(matchingCaptures(store, captureFilterOf(filter)), most[format], cancelled)
      if (format === 'har') {
        const request = async ({ id, malformed }: Capture): Promise<RequestDocument | null> => {
          const capture = malformed === null ? await store.capture(id) : undefined
          return capture === undefined ? null : capturedRequest(context, capture, withSecrets)
        }
        return harContent(await requestsOf(pages, request), 'captures', version())
      }
      const signatures = signatureHeaders(store)
      const shown = (capture: Capture): CaptureSummary => {
        const summary = captureSummary(capture)
        return withSecrets ? summary : maskedCapture(summary, signatures)
      }
      return listContent(format, 'captures', captureColumns, pages, shown)
    },
    'deliveries.export-list': async ({ format, include_secrets: withSecrets, ...filter }, cancelled) => {
      const pages = bounded(matchingDeliveries(store, deliveryFilterOf(filter)), most[format], cancelled)
      if (format !== 'har') return listContent(format, 'deliveries', deliveryColumns, pages, deliverySummary)
      const requests = await requestsOf(pages, (delivery) => deliveredRequest(context, delivery, withSecrets))
      return harContent(requests, 'deliveries', version())
    },
  }
}

/** @throws AppError `invalid_input` as soon as it is too much; `conflict` when it is no longer wanted */
async function* bounded<T>(
  pages: AsyncIterable<readonly T[]>,
  limit: number,
  cancelled: Cancellation | undefined,
): AsyncGenerator<readonly T[]> {
  let rows = 0
  for await (const page of pages) {
    if (cancelled?.aborted === true) throw new AppError('conflict', { message: 'The export was cancelled.' })
    rows += page.length
    if (rows > limit)
      throw invalidInput(`More than ${limit} match, which is too much for one file: narrow the filter.`)
    yield page
    // Deliveries that are due go out between two pages.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

type Columns<Row> = readonly (readonly [name: string, cell: (row: Row) => string | number | boolean | null])[]

async function listContent<Found, Row>(
  format: 'jsonl' | 'csv',
  name: string,
  columns: Columns<Row>,
  pages: AsyncIterable<readonly Found[]>,
  rowOf: (found: Found) => Row,
): Promise<Content> {
  const parts = format === 'csv' ? [csvLines([columns.map(([column]) => column)])] : []
  for await (const page of pages) {
    const rows = page.map(rowOf)
    parts.push(
      format === 'csv'
        ? csvLines(rows.map((row) => columns.map(([, cell]) => cell(row))))
        : rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    )
  }
  const mediaType = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl'
  return fileContent(Buffer.from(parts.join('')), mediaType, `${name}.${format}`)
}

interface Requests {
  readonly documents: readonly RequestDocument[]
  readonly left: number
}

async function requestsOf<Found>(
  pages: AsyncIterable<readonly Found[]>,
  requestOf: (found: Found) => Promise<RequestDocument | null>,
): Promise<Requests> {
  const documents: RequestDocument[] = []
  let left = 0
  let bytes = 0
  for await (const page of pages) {
    for (const found of page) {
      const document = await requestOf(found)
      if (document === null) left += 1
      else documents.push(document)
      bytes += document?.body.length ?? 0
      if (bytes > mostBodyBytes)
        throw invalidInput(
          'The bodies are larger than 64 MiB together, too much for one HAR: narrow the filter.',
        )
    }
  }
  return { documents, left }
}

function harContent({ documents, left }: Requests, name: string, version: string): Content {
  const notes = left === 0 ? [] : [`${left} more were left out: no valid HTTP request is known of them.`]
  const text = jsonText(harDocument(documents, version, notes))
  return fileContent(Buffer.from(text), 'application/json', `${name}.har`)
}

function maskedCapture(capture: CaptureSummary, signatures: ReadonlySet<string>): CaptureSummary {
  const shown = (headers: CaptureSummary['headers']): CaptureSummary['headers'] =>
    maskedHeaders(headers, signatures).map(([name, value]) => [name, value])
  return {
    ...capture,
    target: maskedTarget(capture.target),
    headers: shown(capture.headers),
    trailers: shown(capture.trailers),
  }
}

const captureColumns: Columns<CaptureSummary> = [
  ['id', ({ id }) => id],
  ['received_at', (capture) => capture.received_at],
  ['endpoint_id', (capture) => capture.endpoint_id],
  ['remote_address', (capture) => capture.remote_address],
  ['method', ({ method }) => method],
  ['target', ({ target }) => target],
  ['answered', ({ answered }) => answered.status],
  ['verdict', ({ verdict }) => verdict.status],
  ['cause', ({ verdict }) => verdict.cause],
  ['event_type', (capture) => capture.event_type],
  ['delivery_id', (capture) => capture.delivery_id],
  ['body_bytes', (capture) => capture.body_bytes],
  ['pinned', ({ pinned }) => pinned],
  ['tags', ({ tags }) => tags.join(' ')],
  ['note', ({ note }) => note],
]

const deliveryColumns: Columns<DeliverySummary> = [
  ['id', ({ id }) => id],
  ['created_at', (delivery) => delivery.created_at],
  ['status', ({ status }) => status],
  ['event_type', (delivery) => delivery.event_type],
  ['event_id', (delivery) => delivery.event_id],
  ['workspace_id', (delivery) => delivery.workspace_id],
  ['destination_id', (delivery) => delivery.destination_id],
  ['destination', (delivery) => delivery.destination_name],
  ['origin', ({ origin }) => origin],
  ['provider_delivery_id', (delivery) => delivery.provider_delivery_id],
  ['attempts', (delivery) => delivery.attempt_count],
  ['response_status', (delivery) => delivery.response_status],
  ['duration_ms', (delivery) => delivery.duration_ms],
  ['next_attempt_at', (delivery) => delivery.next_attempt_at],
  ['updated_at', (delivery) => delivery.updated_at],
  ['error', ({ error }) => error?.code ?? null],
  ['error_message', ({ error }) => error?.message ?? null],
]
