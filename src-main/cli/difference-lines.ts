import type { BodyDifferenceView } from '../../src-shared/model/capture.ts'
import { shownDifference } from '../../src-shared/text/shown-difference.ts'
import { visible, type Colours } from './output.ts'

/** What was signed above what arrived. */
export function differenceLines(difference: BodyDifferenceView | null, colour: Colours): string[] {
  if (difference === null) return []
  const { offset, from, signed, arrived } = difference
  const sideOf = ({ bytes_base64: base64, total_bytes: total }: BodyDifferenceView['signed']) => ({
    bytes: Buffer.from(base64, 'base64'),
    total,
  })
  const texts = shownDifference({ offset, from, signed: sideOf(signed), arrived: sideOf(arrived) })
  const width = Math.max(...[signed, arrived].map(({ total_bytes: total }) => String(total).length))
  const line = (side: 'signed' | 'arrived'): string =>
    `  ${side.padEnd(7)} ${String(difference[side].total_bytes).padStart(width)} bytes  ${visible(texts.same)}${colour.warn(visible(texts[side]))}`
  return [line('signed'), line('arrived'), `  They differ from byte ${offset} on.`]
}
