import { AppError } from '../../src-shared/errors.ts'

/** As much as the HTTP API takes in one body. */
const mostBytes = 8 * 1024 * 1024
const deepest = 1000

/**
 * Refuses what is too much to be looked at. What comes over IPC has no length that could be read first; this walk ends
 * as soon as the limit is reached.
 * @throws AppError `payload_too_large`, `invalid_input`
 */
export function checkExtent(value: unknown): void {
  let bytes = 0
  const left: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }]
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    bytes += typeof item.value === 'string' ? item.value.length : 8
    if (bytes > mostBytes) throw new AppError('payload_too_large', { limit_bytes: mostBytes })
    if (typeof item.value !== 'object' || item.value === null) continue
    if (ArrayBuffer.isView(item.value)) bytes += item.value.byteLength
    if (item.depth === deepest)
      throw new AppError('invalid_input', {
        message: `The input is nested more than ${deepest} levels deep.`,
      })
    for (const [key, inner] of ArrayBuffer.isView(item.value) ? [] : Object.entries(item.value)) {
      bytes += key.length
      left.push({ value: inner, depth: item.depth + 1 })
    }
  }
}
