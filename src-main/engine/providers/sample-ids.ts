import type { SampleContext } from './provider.ts'

/** Ids inside samples: fixed without chance, so that a preview stays still. */

/** A UUID of version 4, or `fixed`. */
export function sampleUuid(context: SampleContext, fixed: string): string {
  if (context.random === undefined) return fixed
  const bytes = Uint8Array.from(context.random.bytes(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** `prefix` and twelve hex digits, or `fixed`. */
export function sampleId(context: SampleContext, prefix: string, fixed: string): string {
  if (context.random === undefined) return fixed
  return prefix + Buffer.from(context.random.bytes(6)).toString('hex')
}

/** A whole number from 1 to `limit`, or `fixed`. */
export function sampleNumber(context: SampleContext, limit: number, fixed: number): number {
  return context.random === undefined ? fixed : 1 + Math.floor(context.random.fraction() * limit)
}
