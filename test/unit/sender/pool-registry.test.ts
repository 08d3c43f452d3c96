import { describe, expect, it } from 'vitest'
import { addressProblem } from '../../../src-main/sender/address-rules.ts'
import { PoolRegistry } from '../../../src-main/sender/pool-registry.ts'
import { TargetParser } from '../../../src-main/sender/target-url.ts'
import type { Origin } from '../../../src-main/sender/target-url.ts'
import { systemClock } from '../../../src-main/system-clock.ts'

const parser = new TargetParser()

function registry(): PoolRegistry {
  return new PoolRegistry({
    clock: systemClock,
    resolve: async () => [],
    addressProblem,
    maxConnectionsPerOrigin: 8,
  })
}

function originOf(url: string): Origin {
  const target = parser.parse(url)
  if ('code' in target) throw new Error(target.message)
  return target.origin
}

describe('PoolRegistry', () => {
  it('gives the same pool for the same origin, TLS options and rules only', () => {
    const pools = registry()
    const origin = originOf('https://h.test/')
    const free = pools.pool(origin, {}, false)
    expect(pools.pool(originOf('https://H.test:443/x'), {}, false)).toBe(free)
    expect(pools.pool(origin, { acceptSelfSigned: false }, false)).toBe(free)
    expect(pools.pool(origin, {}, true)).not.toBe(free)
    expect(pools.pool(origin, { acceptSelfSigned: true }, false)).not.toBe(free)
    expect(pools.pool(originOf('https://h.test:8443/'), {}, false)).not.toBe(free)
    expect(pools.pool(originOf('http://h.test:443/'), {}, false)).not.toBe(free)
  })

  it('keeps a bounded number of idle pools', () => {
    const pools = registry()
    for (let host = 0; host < 1_000; host++) pools.pool(originOf(`http://h${host}.test/`), {}, false)
    expect(pools.size).toBe(256)
  })

  it('gives none once it is closed', () => {
    const pools = registry()
    pools.close({ code: 'interrupted', message: 'Stopping.' })
    expect(pools.pool(originOf('http://h.test/'), {}, false)).toMatchObject({ code: 'interrupted' })
  })
})
