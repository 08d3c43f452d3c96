import { lookup } from 'node:dns/promises'
import { connect as connectTcp } from 'node:net'
import type { LookupFunction, Socket, TcpNetConnectOpts } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock, SendError } from '../engine/ports.ts'
import { failureOf, lookupFailure, NamedFailure, nameNotFound } from './failures.ts'
import type { TlsMaterial } from './tls-material.ts'

/** One address of a name. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** All addresses of a name; rejects with Node's DNS error codes. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** Why an address of `hostname` may not be connected to, or null. */
export type AddressRule = (address: string, hostname: string) => SendError | null

/** The system's resolver. */
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true })

/** What a connection is made from. */
export interface ConnectionPlan {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly hostname: string
  readonly isLiteral: boolean
  readonly port: number
  /** `host:port` for sentences. */
  readonly label: string
  /** Null: no TLS. */
  readonly tls: TlsMaterial | null
  /** Null: any address may be connected to. */
  readonly addressProblem: AddressRule | null
}

/** Where the making of a connection is; the opening writes it, the exchange that waits for it reads it. */
export interface ConnectionPhases {
  phase: 'queued' | 'resolving' | 'connecting' | 'handshaking' | 'ready'
  dnsMs: number | null
  connectMs: number | null
  tlsMs: number | null
}

/** Called once, unless the opening was aborted. */
export type Opened = (error: NamedFailure | null, socket: Socket | null) => void

/** Before the next address of a name is tried beside the one under way. */
const nextAddressAfterMs = 400
const keepAliveProbeMs = 60_000

/**
 * One connection being made: resolve → check every address → connect to exactly those → TLS.
 * The name is resolved once, so that an answer that changes afterwards doesn't matter; Host and SNI keep it.
 */
export class Opening {
  readonly #plan: ConnectionPlan
  readonly #phases: ConnectionPhases
  readonly #opened: Opened
  #socket: Socket | null = null
  #done = false
  #phaseStartedMs: number

  constructor(plan: ConnectionPlan, phases: ConnectionPhases, opened: Opened) {
    this.#plan = plan
    this.#phases = phases
    this.#opened = opened
    this.#phaseStartedMs = plan.clock.monotonicMs()
    if (plan.isLiteral) {
      this.#connect([{ address: plan.hostname, family: plan.hostname.includes(':') ? 6 : 4 }])
    } else {
      phases.phase = 'resolving'
      plan.resolve(plan.hostname).then(
        (addresses) => this.#resolved(addresses),
        (error: unknown) => this.#fail(lookupFailure(error, plan.hostname)),
      )
    }
  }

  /** Gives up: the socket is destroyed, the callback is not called. */
  abort(): void {
    this.#done = true
    this.#socket?.destroy()
  }

  #lap(): number {
    const now = this.#plan.clock.monotonicMs()
    const took = now - this.#phaseStartedMs
    this.#phaseStartedMs = now
    return took
  }

  #fail(failure: SendError): void {
    if (this.#done) return
    this.abort()
    this.#opened(new NamedFailure(failure), null)
  }

  #resolved(addresses: readonly ResolvedAddress[]): void {
    if (this.#done) return
    this.#phases.dnsMs = this.#lap()
    if (addresses.length === 0) this.#fail(nameNotFound(this.#plan.hostname))
    else this.#connect(addresses)
  }

  #connect(addresses: readonly ResolvedAddress[]): void {
    const plan = this.#plan
    for (const { address } of addresses) {
      const problem = plan.addressProblem?.(address, plan.hostname) ?? null
      if (problem !== null) return this.#fail(problem)
    }
    this.#phases.phase = 'connecting'
    try {
      this.#socket = plan.tls === null ? this.#openTcp(addresses) : this.#openTls(addresses, plan.tls)
    } catch (error) {
      return this.#fail(failureOf(error, 'connect', plan.label))
    }
    this.#socket.setNoDelay(true).setKeepAlive(true, keepAliveProbeMs)
    this.#socket.on('error', (error: unknown) => this.#fail(failureOf(error, 'connect', plan.label)))
  }

  #openTcp(addresses: readonly ResolvedAddress[]): Socket {
    const socket: Socket = connectTcp(addressOptions(this.#plan, addresses))
    socket.once('connect', () => {
      this.#phases.connectMs = this.#lap()
      this.#succeed(socket)
    })
    return socket
  }

  #openTls(addresses: readonly ResolvedAddress[], tls: TlsMaterial): Socket {
    const { hostname, isLiteral } = this.#plan
    const socket = connectTls({
      ...addressOptions(this.#plan, addresses),
      secureContext: tls.context,
      rejectUnauthorized: tls.rejectUnauthorized,
      ALPNProtocols: ['http/1.1'],
      // A literal has no SNI; its certificate is checked against the address.
      servername: isLiteral ? '' : hostname.replace(/\.$/, ''),
    })
    socket.once('connect', () => {
      this.#phases.connectMs = this.#lap()
      this.#phases.phase = 'handshaking'
    })
    socket.once('secureConnect', () => {
      this.#phases.tlsMs = this.#lap()
      this.#succeed(socket)
    })
    return socket
  }

  #succeed(socket: Socket): void {
    if (this.#done) return
    this.#done = true
    this.#phases.phase = 'ready'
    this.#opened(null, socket)
  }
}

/** Pins the connection to these addresses: one as a literal, several through a lookup that answers just them. */
function addressOptions(plan: ConnectionPlan, addresses: readonly ResolvedAddress[]): TcpNetConnectOpts {
  const [first] = addresses
  if (addresses.length === 1 && first !== undefined) return { host: first.address, port: plan.port }
  return {
    host: plan.hostname,
    port: plan.port,
    lookup: pinnedLookup(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: nextAddressAfterMs,
  }
}

function pinnedLookup(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses
    if (options.all === true) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family)
  }
}
