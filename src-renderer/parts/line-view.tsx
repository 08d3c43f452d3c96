import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef } from 'react'
import { linesOf } from './growing-lines.ts'
import { visible } from './words.ts'

const linePx = 18

/** Text by lines. */
export function LineView({
  text,
  ...rest
}: { readonly text: string } & Omit<Parameters<typeof Lines>[0], 'lines'>) {
  const lines = useMemo(() => linesOf(text), [text])
  return <Lines lines={lines} {...rest} />
}

/** Any number of lines; only those in view are made and coloured. */
export function Lines({
  lines,
  label,
  json = false,
  onEnd,
  mostLines,
}: {
  readonly lines: readonly string[]
  readonly label: string
  readonly json?: boolean
  /** Called when the end comes into view: more may be read then. */
  readonly onEnd?: () => void
  /** As high as its text, up to so many lines; absent: as high as there is room. */
  readonly mostLines?: number
}) {
  const scroll = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- concerns React's compiler, which is not used
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => linePx,
    overscan: 20,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= lines.length - 1) onEnd?.()
  }, [last, lines.length, onEnd])
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <div
      className="lines"
      ref={scroll}
      role="region"
      aria-label={label}
      tabIndex={0}
      style={mostLines === undefined ? undefined : { height: heightOf(Math.min(lines.length, mostLines)) }}
    >
      <div className="lines-all" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => (
          <div key={item.key} className="line" style={{ transform: `translateY(${item.start}px)` }}>
            <Line text={lines[item.index] ?? ''} json={json} />
          </div>
        ))}
      </div>
    </div>
  )
}

/** With the room above and below that the style sheet gives. */
const heightOf = (lines: number): number => lines * linePx + 18

function Line({ text, json }: { readonly text: string; readonly json: boolean }) {
  if (!json) return <bdi>{visible(text, true)}</bdi>
  return (
    <bdi>
      {tokens(text).map(([kind, token], index) => (
        <span key={index} className={kind}>
          {visible(token, true)}
        </span>
      ))}
    </bdi>
  )
}

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)/g

/** A line of JSON in pieces, each with the class that colours it. */
function tokens(line: string): [string, string][] {
  const found: [string, string][] = []
  let at = 0
  for (const match of line.matchAll(token)) {
    if (match.index > at) found.push(['json-mark', line.slice(at, match.index)])
    const [all, text, colon] = match
    if (text !== undefined) {
      found.push([colon === undefined ? 'json-string' : 'json-key', text])
      if (colon !== undefined) found.push(['json-mark', colon])
    } else found.push(['json-value', all])
    at = match.index + all.length
  }
  if (at < line.length) found.push(['json-mark', line.slice(at)])
  return found
}
