import { describe, expect, it } from 'vitest'
import { phaseTimes } from '../../../src-renderer/features/deliveries/phases.ts'

const none = { dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: null, total_ms: 30 }

describe('the phases of an attempt', () => {
  it('waits for the answer as long as the receiver took, whatever opening the connection took', () => {
    const timings = { dns_ms: 1, connect_ms: 9, tls_ms: null, first_byte_ms: 15, total_ms: 30 }
    expect(phaseTimes({ timings, duration_ms: 30, error: null })).toEqual({
      dns: 1,
      connect: 9,
      tls: 0,
      wait: 15,
      transfer: 5,
    })
  })

  it.each([
    ['dns_not_found', 'dns'],
    ['refused', 'connect'],
    ['tls_expired', 'tls'],
    ['timeout', 'wait'],
  ] as const)('without an answer the time belongs to what failed: %s', (code, phase) => {
    const times = phaseTimes({ timings: none, duration_ms: 30, error: { code, message: '' } })
    expect(times).toEqual({ dns: 0, connect: 0, tls: 0, wait: 0, transfer: 0, [phase]: 30 })
  })
})
