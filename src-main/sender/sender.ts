import { headerValue } from '../../src-shared/model/header.ts'
import type { Header } from '../../src-shared/model/header.ts'
import type { Clock, OutgoingRequest, SendError, Sender, SendOutcome, Timer } from '../engine/ports.ts'
import { addressProblem as realAddressProblem } from './address-rules.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { Exchange } from './exchange.ts'
import type { Hop } from './exchange.ts'
import { systemResolve } from './opening.ts'
import type { AddressRule, Resolve } from './opening.ts'
import { PoolRegistry } from './pool-registry.ts'
import { followRedirect, maxRedirects, redirectLocation } from './redirects.ts'
import { requestProblem } from './request-checks.ts'
import { TargetParser } from './target-url.ts'
import type { Target } from './target-url.ts'

/** What a sender is made from. */
export interface SenderOptions {
  readonly clock: Clock
  /** All addresses of a name; the system's resolver when absent. */
  readonly resolve?: Resolve
  /** For tests, where loopback stands in for public addresses; otherwise the real rules hold. */
  readonly addressProblem?: AddressRule
  /** Further requests to the same origin wait; their waiting counts against their deadline. */
  readonly maxConnectionsPerOrigin?: number
}

/** What all requests of one sender share. */
interface Shared {
  readonly clock: Clock
  readonly parser: TargetParser
  readonly pools: PoolRegistry
  readonly cancellations: Cancellations
}

/** The {@link Sender} over undici: HTTP/1.1, kept-alive connections, one deadline over all of a request. */
export function createSender(options: SenderOptions): Sender {
  const { clock, resolve = systemResolve, addressProblem = realAddressProblem } = options
  const { maxConnectionsPerOrigin = 128 } = options
  const pools = new PoolRegistry({ clock, resolve, addressProblem, maxConnectionsPerOrigin })
  const shared: Shared = { clock, pools, parser: new TargetParser(), cancellations: new Cancellations() }
  return {
    send: (request, signal) => new Promise((settle) => new Sending(shared, request, signal, settle).start()),
    close: async () => pools.close(stopping),
  }
}

/** Who is to be told of an abort. One listener for each signal: adding one for each request costs more than it looks. */
class Cancellations {
  readonly #underWay = new WeakMap<AbortSignal, Set<Sending>>()

  add(signal: AbortSignal, sending: Sending): void {
    let together = this.#underWay.get(signal)
    if (together === undefined) {
      const made = new Set<Sending>()
      signal.addEventListener('abort', () => {
        for (const one of made) one.cancel()
      })
      this.#underWay.set(signal, made)
      together = made
    }
    together.add(sending)
  }

  remove(signal: AbortSignal, sending: Sending): void {
    this.#underWay.get(signal)?.delete(sending)
  }
}

const stopping: SendError = {
  code: 'interrupted',
  message: 'Hookbench was stopping while the request was under way. Send it again after the next start.',
}

const noTimings = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }

/** One call of `send`: its hops, its deadline, its way out. Settles once. */
class Sending {
  readonly #shared: Shared
  readonly #request: OutgoingRequest
  readonly #signal: AbortSignal | undefined
  readonly #settle: (outcome: SendOutcome) => void
  readonly #startedAtMs: number
  #deadline: Timer | null = null
  #exchange: Exchange | null = null
  #pool: ConnectionPool | null = null
  #redirectedTo: string[] = []
  #isSettled = false

  constructor(
    shared: Shared,
    request: OutgoingRequest,
    signal: AbortSignal | undefined,
    settle: (outcome: SendOutcome) => void,
  ) {
    this.#shared = shared
    this.#request = request
    this.#signal = signal
    this.#settle = settle
    this.#startedAtMs = shared.clock.monotonicMs()
  }

  start(): void {
    const { method, url, headers, body } = this.#request
    const target = this.#shared.parser.parse(url)
    if ('code' in target) return this.#refuse(headers, target)
    const hop: Hop = { target, method, headers: withCredentials(headers, target), body }
    const exchange = new Exchange(hop, this.#shared.clock, this)
    const problem = requestProblem(method, headers) ?? this.#strictProblem(target)
    if (problem !== null) return this.#refuse(exchange.sentHeaders(), problem)
    if (this.#signal?.aborted === true) return this.#refuse(exchange.sentHeaders(), this.#cancelled())
    if (this.#signal !== undefined) this.#shared.cancellations.add(this.#signal, this)
    this.#deadline = this.#shared.clock.after(this.#request.timeoutMs, () => this.#timeOut())
    this.#run(exchange)
  }

  /** Its signal was aborted. */
  cancel(): void {
    this.#exchange?.fail(this.#cancelled())
  }

  /** An exchange ended: follows its redirect, or is done. */
  exchangeEnded(exchange: Exchange): void {
    if (exchange.connection === null) this.#pool?.forget(exchange)
    const next = exchange.error === null && this.#request.followRedirects ? this.#nextHop(exchange) : null
    if (next === null) return this.#finish(exchange, exchange.error)
    if ('code' in next) return this.#finish(exchange, next)
    this.#redirectedTo.push(next.url)
    const following = new Exchange(next.hop, this.#shared.clock, this)
    this.#exchange = following
    // Later in this turn: undici is still in the middle of the exchange that has just ended.
    queueMicrotask(() => this.#run(following))
  }

  #run(exchange: Exchange): void {
    if (exchange.isEnded) return
    this.#exchange = exchange
    const { tls, strictUrlRules } = this.#request
    const pool = this.#shared.pools.pool(exchange.hop.target.origin, tls, strictUrlRules)
    if ('code' in pool) return exchange.fail(pool)
    this.#pool = pool
    pool.dispatch(exchange)
  }

  #strictProblem(target: Target): SendError | null {
    return this.#request.strictUrlRules ? target.origin.strictProblem : null
  }

  #nextHop(exchange: Exchange): { readonly hop: Hop; readonly url: string } | SendError | null {
    const response = exchange.response()
    const location = response === null ? null : redirectLocation(response.status, response.headers)
    if (location === null) return null
    const from = exchange.hop.target.origin.label
    if (this.#redirectedTo.length >= maxRedirects) {
      const message = `${from} redirects once more after ${maxRedirects} redirects. Check the receiver for a loop, or use its final URL.`
      return { code: 'too_many_redirects', message }
    }
    const next = followRedirect(exchange.hop, exchange.status, location, this.#shared.parser)
    if ('code' in next) return next
    const problem = this.#strictProblem(next.hop.target)
    if (problem !== null) return { ...problem, message: `${from} redirects, but: ${problem.message}` }
    const { target, headers } = next.hop
    return { url: next.url, hop: { ...next.hop, headers: withCredentials(headers, target) } }
  }

  #timeOut(): void {
    const exchange = this.#exchange
    if (exchange === null) return
    exchange.fail({ code: 'timeout', message: timeoutMessage(exchange, this.#request.timeoutMs) })
  }

  #cancelled(): SendError {
    return { code: 'cancelled', message: 'The request was cancelled before its answer was complete.' }
  }

  #finish(exchange: Exchange, error: SendError | null): void {
    this.#resolve({
      requestHeaders: exchange.sentHeaders(),
      response: exchange.response(),
      error,
      timings: exchange.timings(this.#elapsedMs()),
      redirectedTo: this.#redirectedTo,
    })
  }

  #refuse(requestHeaders: readonly Header[], error: SendError): void {
    const timings = { ...noTimings, totalMs: this.#elapsedMs() }
    this.#resolve({ requestHeaders, response: null, error, timings, redirectedTo: [] })
  }

  #elapsedMs(): number {
    return this.#shared.clock.monotonicMs() - this.#startedAtMs
  }

  #resolve(outcome: SendOutcome): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#deadline?.cancel()
    if (this.#signal !== undefined) this.#shared.cancellations.remove(this.#signal, this)
    this.#settle(outcome)
  }
}

/** User info of the URL as Basic credentials, unless the request has its own. */
function withCredentials(headers: readonly Header[], target: Target): readonly Header[] {
  const { authorization } = target.origin
  if (authorization === null || headerValue(headers, 'authorization') !== undefined) return headers
  return [...headers, ['Authorization', authorization]]
}

function timeoutMessage(exchange: Exchange, timeoutMs: number): string {
  const { label, hostname } = exchange.hop.target.origin
  const limit = `within ${timeoutMs} ms`
  if (exchange.isAnswered) {
    return `${label} began its answer but did not end it ${limit}. Make the receiver answer at once and work afterwards, or raise the timeout.`
  }
  if (exchange.isWritten) {
    return `${label} did not answer ${limit}; the request was sent and may have been processed. Make the receiver answer before it does its work, or raise the timeout.`
  }
  if (exchange.phase === 'queued') {
    return `No connection to ${label} became free ${limit}. Lower the destination's concurrency, or raise the timeout.`
  }
  if (exchange.phase === 'resolving') {
    return `The name ${hostname} was not looked up ${limit}. Check the network connection and the DNS server.`
  }
  if (exchange.phase === 'handshaking') {
    return `${label} took the connection but did not complete TLS ${limit}. Check that it speaks TLS on this port.`
  }
  return `Connecting to ${label} was not possible ${limit}. Check host, port and firewall.`
}
