import type { Socket } from 'node:net'
import { Client } from 'undici'
import type { SendError } from '../engine/ports.ts'
import type { Exchange } from './exchange.ts'
import { InterimAnswers } from './interim-answers.ts'
import { Opening } from './opening.ts'
import type { ConnectionPlan } from './opening.ts'

/**
 * Connections to one origin with one set of TLS options and rules. Each is an undici `Client` with one exchange
 * at a time, and not undici's `Pool`: so a connection's phases belong to the exchange that waits for it, and an
 * exchange can be ended in every phase, its socket with it.
 */

const maxHeaderBytes = 64 * 1024
/** Shorter than most receivers': else a request would often meet a connection that is just being closed. */
const keepAliveMs = 4_000
const keepAliveAtMostMs = 60_000
/** A connection unused for so long is dropped, its socket is closed by then. */
const idleAtMostMs = 60_000

function nothing(): void {
  // Ends are awaited by nobody: what they end is already out of the pool.
}

/** A socket that is opened when needed and used again while the receiver keeps it open. */
export class Connection {
  readonly #pool: ConnectionPool
  readonly #client: Client
  #exchange: Exchange | null = null
  #opening: Opening | null = null
  #interim: InterimAnswers | null = null
  idleSinceMs = 0

  constructor(pool: ConnectionPool) {
    this.#pool = pool
    this.#client = new Client(pool.originUrl, {
      pipelining: 1,
      maxHeaderSize: maxHeaderBytes,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveAtMostMs,
      // One deadline over all, kept by the sender, stands for these.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, callback) => this.#open(callback),
    })
  }

  /** Runs one exchange. The connection must be idle. */
  run(exchange: Exchange): void {
    this.#exchange = exchange
    exchange.connection = this
    exchange.phase = 'ready'
    this.#client.dispatch(exchange.dispatchOptions(), exchange)
  }

  /** A request was written: its answer comes next. */
  expectAnswer(): void {
    this.#interim?.expectAnswer()
  }

  /** The exchange ended well: the connection may be used again. */
  release(): void {
    this.#exchange = null
    this.#pool.released(this)
  }

  /** The exchange ended badly, or this one isn't needed any more: closes the socket in whatever phase it is. */
  discard(): void {
    this.#exchange = null
    this.#opening?.abort()
    this.#client.destroy(nothing)
    this.#pool.discarded(this)
  }

  /** Ends the exchange that is under way with this error, and the connection. */
  end(error: SendError): void {
    if (this.#exchange === null) this.discard()
    else this.#exchange.fail(error)
  }

  #open(callback: (...result: [null, Socket] | [Error, null]) => void): void {
    const exchange = this.#exchange
    // undici connects only for a request that waits.
    if (exchange === null) return callback(new Error('A connection without an exchange'), null)
    this.#opening = new Opening(this.#pool.plan, exchange, (error, socket) => {
      this.#opening = null
      if (error !== null || socket === null) return callback(error ?? new Error('No socket'), null)
      this.#interim = new InterimAnswers(socket)
      callback(null, socket)
    })
  }
}

/** Hands out the connections of one origin, first come first served. */
export class ConnectionPool {
  readonly originUrl: string
  readonly plan: ConnectionPlan
  readonly #maxConnections: number
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting = new Set<Exchange>()

  constructor(originUrl: string, plan: ConnectionPlan, maxConnections: number) {
    this.originUrl = originUrl
    this.plan = plan
    this.#maxConnections = maxConnections
  }

  /** True when nothing is under way and nothing waits. */
  get isIdle(): boolean {
    return this.#idle.length === this.#all.size && this.#waiting.size === 0
  }

  /** Runs an exchange as soon as a connection is free. */
  dispatch(exchange: Exchange): void {
    const connection = this.#take()
    if (connection === null) this.#waiting.add(exchange)
    else connection.run(exchange)
  }

  /** Takes an exchange that ended out of the queue. */
  forget(exchange: Exchange): void {
    this.#waiting.delete(exchange)
  }

  /** For {@link Connection}: it is free again. */
  released(connection: Connection): void {
    connection.idleSinceMs = this.plan.clock.monotonicMs()
    this.#idle.push(connection)
    this.#dropOldest(connection.idleSinceMs)
    this.#serveWaiting()
  }

  /** For {@link Connection}: it is closed. */
  discarded(connection: Connection): void {
    this.#all.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    this.#serveWaiting()
  }

  /** Closes everything; exchanges under way and waiting end with this error. */
  close(error: SendError): void {
    for (const exchange of this.#waiting) exchange.fail(error)
    for (const connection of this.#all) connection.end(error)
  }

  /** Closes a pool that {@link isIdle}. */
  closeIdle(): void {
    for (const connection of this.#all) connection.discard()
  }

  // The one used last first: its socket is the most likely to be open still.
  #take(): Connection | null {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#all.size >= this.#maxConnections) return null
    const connection = new Connection(this)
    this.#all.add(connection)
    return connection
  }

  #dropOldest(nowMs: number): void {
    const oldest = this.#idle[0]
    if (oldest !== undefined && nowMs - oldest.idleSinceMs > idleAtMostMs) oldest.discard()
  }

  // Later in this turn: undici is still in the middle of the exchange that has just ended.
  #serveWaiting(): void {
    if (this.#waiting.size > 0) queueMicrotask(() => this.#runWaiting())
  }

  #runWaiting(): void {
    for (const exchange of this.#waiting) {
      const connection = this.#take()
      if (connection === null) return
      this.#waiting.delete(exchange)
      connection.run(exchange)
    }
  }
}
