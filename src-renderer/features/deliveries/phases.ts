import type { AttemptView } from '../../../src-shared/model/delivery.ts'

/** Where an attempt's time goes, in order. */
export const phases = [
  { id: 'dns', label: 'name' },
  { id: 'connect', label: 'connect' },
  { id: 'tls', label: 'TLS' },
  { id: 'wait', label: 'waiting for the answer' },
  { id: 'transfer', label: 'sending and reading' },
] as const

type Phase = (typeof phases)[number]['id']

/** How long each phase took; without an answer the rest of the time belongs to the phase that failed. */
export function phaseTimes({
  timings,
  duration_ms: total,
  error,
}: Pick<AttemptView, 'timings' | 'duration_ms' | 'error'>): Readonly<Record<Phase, number>> {
  const times = {
    dns: timings.dns_ms ?? 0,
    connect: timings.connect_ms ?? 0,
    tls: timings.tls_ms ?? 0,
    // Counted from when the request was written.
    wait: timings.first_byte_ms ?? 0,
    transfer: 0,
  }
  const rest = Math.max(0, total - times.dns - times.connect - times.tls - times.wait)
  const where = timings.first_byte_ms === null ? failedPhase(error?.code) : 'transfer'
  return { ...times, [where]: times[where] + rest }
}

function failedPhase(code = ''): Phase {
  if (code.startsWith('dns_')) return 'dns'
  if (code.startsWith('tls')) return 'tls'
  return code === 'refused' || code === 'unreachable' ? 'connect' : 'wait'
}
