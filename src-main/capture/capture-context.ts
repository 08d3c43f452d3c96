import type { Clock } from '../engine/ports.ts'
import type { CaptureHandler } from './received-request.ts'
import type { WorkUnderWay } from './work-under-way.ts'

/** What every connection of one receiver shares. */
export interface CaptureContext {
  readonly clock: Clock
  readonly handle: CaptureHandler
  /** As it is for a request that begins now. */
  readonly bodyLimitBytes: () => number
  /** How long a CONNECT request may take to bring the body it declared. */
  readonly requestTimeoutMs: number
  readonly maskCookie: RegExp | null
  /** Told of a handler's rejection that is no expected failure. */
  readonly reportError: (error: unknown) => void
  readonly work: WorkUnderWay
}
