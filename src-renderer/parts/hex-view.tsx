import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import { useBodyBlocks, type BodySource } from './body-source.ts'
import { Button } from './button.tsx'
import { bytes as size } from './words.ts'

const perRow = 16
const rowPx = 18
/** An element can't be of any height: large bodies are shown a section at a time. */
const sectionBytes = 8 * 1024 * 1024

/** Bytes as hexadecimal and text; only what is in view is read. */
export function HexView({ source }: { readonly source: BodySource }) {
  const [section, setSection] = useState(0)
  const scroll = useRef<HTMLDivElement>(null)
  const base = section * sectionBytes
  const shown = Math.max(0, Math.min(sectionBytes, source.totalBytes - base))
  // oxlint-disable-next-line react/incompatible-library -- concerns React's compiler, which is not used
  const virtual = useVirtualizer({
    count: Math.ceil(shown / perRow),
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    overscan: 20,
  })
  const items = virtual.getVirtualItems()
  const from = base + (items[0]?.index ?? 0) * perRow
  const to = Math.min(source.totalBytes, base + ((items.at(-1)?.index ?? 0) + 1) * perRow)
  const byteAt = useBodyBlocks(source, from, to)
  const sections = Math.ceil(source.totalBytes / sectionBytes)
  const go = (to: number): void => {
    setSection(to)
    virtual.scrollToOffset(0)
  }
  return (
    <>
      {sections > 1 && (
        <div className="body-bar">
          <Button disabled={section === 0} onClick={() => go(section - 1)}>
            Back
          </Button>
          <span className="quiet">
            {size(base)} to {size(base + shown)}
          </span>
          <Button disabled={section === sections - 1} onClick={() => go(section + 1)}>
            On
          </Button>
        </div>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <div className="lines hex" ref={scroll} role="region" aria-label="Body as bytes" tabIndex={0}>
        <div className="lines-all" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            <div key={item.key} className="line" style={{ transform: `translateY(${item.start}px)` }}>
              <HexRow at={base + item.index * perRow} end={source.totalBytes} byteAt={byteAt} />
            </div>
          ))}
        </div>
      </div>
    </>
  )
}

function HexRow({
  at,
  end,
  byteAt,
}: {
  readonly at: number
  readonly end: number
  readonly byteAt: (at: number) => number | undefined
}) {
  let hex = ''
  let text = ''
  for (let index = at; index < at + perRow; index += 1) {
    const byte = index < end ? byteAt(index) : undefined
    const pair = index >= end ? '  ' : byte === undefined ? '··' : byte.toString(16).padStart(2, '0')
    hex += `${pair}${index === at + 7 ? '  ' : ' '}`
    text += index >= end ? '' : byte === undefined ? '·' : printable(byte)
  }
  return (
    <>
      <span className="quiet">{at.toString(16).padStart(8, '0')}</span>
      {'  '}
      {hex} <span className="hex-text">{text}</span>
    </>
  )
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
}
