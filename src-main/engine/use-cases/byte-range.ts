import type { Content } from '../../../src-shared/api/operation.ts'
import { AppError } from '../../../src-shared/errors.ts'

/**
 * The bytes that a Range header asks for: from `start` to before `end`. Absent: all.
 * @throws AppError `range_not_satisfiable`. @see RFC 9110, 14.1.2
 */
export function byteRange(range: string | undefined, totalBytes: number): readonly [number, number] {
  if (range === undefined) return [0, totalBytes]
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  const start = first === '' ? Math.max(0, totalBytes - Number(last)) : Number(first)
  const end = first === '' || last === '' ? totalBytes : Math.min(Number(last) + 1, totalBytes)
  if (start >= end) throw new AppError('range_not_satisfiable', { range, total_bytes: totalBytes })
  return [start, end]
}

/** Bytes of unknown kind, for saving: a browser must neither render nor guess them. */
export function rawContent(
  name: string,
  bytes: Uint8Array,
  [start]: readonly [number, number],
  totalBytes: number,
): Content {
  return {
    media_type: 'application/octet-stream',
    file_name: name,
    bytes,
    offset: start,
    total_bytes: totalBytes,
  }
}
