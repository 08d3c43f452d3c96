import type { Clock, SendError, TlsOptions } from '../engine/ports.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { AddressRule, Resolve } from './opening.ts'
import type { Origin } from './target-url.ts'
import { tlsKey, tlsMaterial } from './tls-material.ts'

/** Pools kept at most; those with work under way are kept beyond it. */
const maxPools = 256

/** What the registry needs. */
export interface PoolOptions {
  readonly clock: Clock
  readonly resolve: Resolve
  /** What strict requests hold resolved addresses against. */
  readonly addressProblem: AddressRule
  readonly maxConnectionsPerOrigin: number
}

/** Pools by origin, TLS options and strictness: a connection made under other rules is never used. */
export class PoolRegistry {
  readonly #options: PoolOptions
  readonly #pools = new Map<string, ConnectionPool>()
  #closedWith: SendError | null = null

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** The pool for these, or why there is none: unusable TLS options, or the registry is closed. */
  pool(origin: Origin, tls: TlsOptions, isStrict: boolean): ConnectionPool | SendError {
    if (this.#closedWith !== null) return this.#closedWith
    const rules = isStrict ? 'strict' : 'free'
    const key = origin.secure ? `${origin.key} ${rules} ${tlsKey(tls)}` : `${origin.key} ${rules}`
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const material = origin.secure ? tlsMaterial(tls) : null
    if (material !== null && 'code' in material) return material
    this.#dropIdle()
    const { clock, resolve, addressProblem, maxConnectionsPerOrigin } = this.#options
    const { hostname, isLiteral, port, label } = origin
    const pool = new ConnectionPool(
      origin.key,
      {
        clock,
        resolve,
        hostname,
        isLiteral,
        port,
        label,
        tls: material,
        addressProblem: isStrict ? addressProblem : null,
      },
      maxConnectionsPerOrigin,
    )
    this.#pools.set(key, pool)
    return pool
  }

  /** Closes all pools for good; exchanges under way, waiting and still to come end with this error. */
  close(error: SendError): void {
    this.#closedWith = error
    for (const pool of this.#pools.values()) pool.close(error)
    this.#pools.clear()
  }

  get size(): number {
    return this.#pools.size
  }

  // Of those without work the one made first; pools are cheap to make again.
  #dropIdle(): void {
    if (this.#pools.size < maxPools) return
    for (const [key, pool] of this.#pools) {
      if (!pool.isIdle) continue
      this.#pools.delete(key)
      pool.closeIdle()
      return
    }
  }
}
