import type { BodyDifferenceView } from '../../../../src-shared/model/capture.ts'

/** Where two bodies begin to differ, with what stands around that place in each. */
export interface BodyDifference {
  /** Of the first byte that is another, or that only one of them has. */
  readonly offset: number
  /** The excerpts begin here. */
  readonly from: number
  readonly signed: BodyExcerpt
  readonly arrived: BodyExcerpt
}

export interface BodyExcerpt {
  readonly bytes: Uint8Array
  /** Of the whole body. */
  readonly totalBytes: number
}

const shownBefore = 24
const shownBytes = 72

/** Null when they are the same. */
export function differenceOf(signed: Uint8Array, arrived: Uint8Array): BodyDifference | null {
  const shorter = Math.min(signed.length, arrived.length)
  let offset = 0
  while (offset < shorter && signed[offset] === arrived[offset]) offset += 1
  if (offset === shorter && signed.length === arrived.length) return null
  const from = Math.max(0, offset - shownBefore)
  const excerpt = (body: Uint8Array): BodyExcerpt => ({
    bytes: Uint8Array.from(body.subarray(from, from + shownBytes)),
    totalBytes: body.length,
  })
  return { offset, from, signed: excerpt(signed), arrived: excerpt(arrived) }
}

/** As API and command line write it. */
export function differenceView({ offset, from, signed, arrived }: BodyDifference): BodyDifferenceView {
  const excerpt = ({ bytes, totalBytes }: BodyExcerpt): BodyDifferenceView['signed'] => ({
    bytes_base64: Buffer.from(bytes).toString('base64'),
    total_bytes: totalBytes,
  })
  return { offset, from, signed: excerpt(signed), arrived: excerpt(arrived) }
}
