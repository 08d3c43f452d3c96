import { randomUUID } from 'node:crypto'
import { createReceiver, type Receiver } from '../capture/receiver.ts'
import type { Answer, ReceivedRequest } from '../capture/received-request.ts'
import { DiagnosisBudget } from '../engine/capture/diagnosis-budget.ts'
import { diagnoseReceived } from '../engine/capture/verdict.ts'
import type { Provider } from '../engine/providers/provider.ts'
import { differenceView } from '../engine/signing/doctor/difference.ts'
import { describeRequest } from '../engine/signing/describe-request.ts'
import type { VerifySecret } from '../engine/signing/verify-request.ts'
import type { BodyDifferenceView, CaptureVerdict, CaptureView } from '../../src-shared/model/capture.ts'
import type { CaptureId, EndpointId } from '../../src-shared/model/ids.ts'
import type { Forwarded } from './forwarding.ts'
import { systemClock } from '../system-clock.ts'

/** A receiver that keeps nothing: each request is judged, shown and forgotten. */
export interface ThrowawayOptions {
  readonly host: string
  readonly port: number
  readonly provider: Provider | null
  /** All of them verify. */
  readonly secrets: readonly VerifySecret[]
  /** Decides what the nth valid request is answered; the first is 1. */
  readonly answer: (request: ReceivedRequest, nth: number) => Promise<ThrowawayAnswer>
  readonly onCapture: (seen: SeenRequest) => void
}

export interface ThrowawayAnswer {
  readonly answer: Answer
  /** Null: it was not passed on. */
  readonly forwarded: Forwarded | null
}

/** A request as it is shown, once it is known what it is answered. */
export interface SeenRequest {
  readonly capture: CaptureView
  readonly body: Uint8Array
  readonly difference: BodyDifferenceView | null
  readonly forwarded: Forwarded | null
}

const noEndpoint = '00000000-0000-7000-8000-000000000000' as EndpointId

export function createThrowawayReceiver(options: ThrowawayOptions): Receiver {
  const firstOfDelivery = new Map<string, CaptureId>()
  const budget = new DiagnosisBudget(systemClock)
  let valid = 0
  return createReceiver({
    clock: systemClock,
    host: options.host,
    port: options.port,
    handle: async (request, instead) => {
      const { scheme = null } = options.provider ?? {}
      const verification = { scheme, secrets: options.secrets, allValid: true }
      const diagnosis = diagnoseReceived(request, verification, budget)
      const isValid = request.malformed === null
      if (isValid) valid += 1
      // What is not whole is answered by the receiver itself, or by nobody.
      const isWhole = isValid && !request.truncated && !request.aborted && instead === undefined
      const { answer, forwarded } = isWhole
        ? await options.answer(request, valid)
        : { answer: instead ?? badRequest, forwarded: null }
      const { difference } = diagnosis
      options.onCapture({
        capture: captureView(options, request, firstOfDelivery, diagnosis, answer.status),
        body: request.body,
        difference: difference === null ? null : differenceView(difference),
        forwarded,
      })
      return answer
    },
  })
}

/** The receiver answers what is no valid HTTP by itself. */
const badRequest: Answer = { status: 400, headers: [], body: new Uint8Array() }

function captureView(
  options: ThrowawayOptions,
  request: ReceivedRequest,
  firstOfDelivery: Map<string, CaptureId>,
  { status, cause, message, secretName }: CaptureVerdict,
  answeredStatus: number,
): CaptureView {
  const scheme = options.provider?.scheme ?? null
  const described =
    scheme === null || request.malformed !== null
      ? { eventType: null, deliveryId: null }
      : describeRequest(scheme, request.headers, request.body)
  const id = randomUUID() as CaptureId
  const earlier = described.deliveryId === null ? undefined : firstOfDelivery.get(described.deliveryId)
  if (described.deliveryId !== null && earlier === undefined) firstOfDelivery.set(described.deliveryId, id)
  return {
    id,
    endpoint_id: noEndpoint,
    received_at: new Date(request.receivedAtMs).toISOString(),
    remote_address: request.remoteAddress,
    method: request.method,
    target: request.target,
    http_version: request.httpVersion,
    headers: request.headers.map(([name, value]): [string, string] => [name, value]),
    trailers: request.trailers.map(([name, value]): [string, string] => [name, value]),
    body_bytes: request.bodyBytes,
    body_base64: Buffer.from(request.body).toString('base64'),
    kept_bytes: request.body.byteLength,
    truncated: request.truncated,
    aborted: request.aborted,
    malformed: request.malformed,
    event_type: described.eventType,
    delivery_id: described.deliveryId,
    duplicate_of: earlier ?? null,
    verdict: { status, cause, message, secret_name: secretName },
    answered: { status: answeredStatus },
    pinned: false,
    tags: [],
    note: '',
    same_delivery: earlier === undefined ? [] : [earlier],
  }
}
