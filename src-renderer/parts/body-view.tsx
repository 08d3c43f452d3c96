import { useMemo, useState } from 'react'
import { useBodyStart, type BodySource } from './body-source.ts'
import { HexView } from './hex-view.tsx'
import { indentJson } from './json-text.ts'
import { Lines, LineView } from './line-view.tsx'
import { Notice } from './notice.tsx'
import { bytes as size } from './words.ts'

const ways = ['pretty', 'raw', 'hex'] as const
type Way = (typeof ways)[number]

/** A body as pretty text, as it came, and byte by byte. Always inert text. */
export function BodyView({
  source,
  mediaType,
  wire = false,
}: {
  readonly source: BodySource
  readonly mediaType: string | undefined
  /** Bytes that have no form to be shown prettily in. */
  readonly wire?: boolean
}) {
  const [chosen, setChosen] = useState<Way | null>(null)
  const { lines, whole, complete, more, problem } = useBodyStart(source)
  const pretty = useMemo(
    () => (wire || whole === null ? null : prettyText(whole, mediaType)),
    [wire, whole, mediaType],
  )
  const way = chosen ?? (pretty === null ? 'raw' : 'pretty')
  if (source.totalBytes === 0) return <p className="quiet pad">{wire ? 'Not a byte came.' : 'No body.'}</p>
  const offered = ways.filter((each) => each !== 'pretty' || pretty !== null)
  return (
    <div className="body-view">
      <div className="body-bar">
        <div className="segments" role="group" aria-label="Show body as">
          {offered.map((each) => (
            <button
              type="button"
              key={each}
              className="segment"
              aria-pressed={way === each}
              onClick={() => setChosen(each)}
            >
              {each}
            </button>
          ))}
        </div>
        <span className="quiet">
          {size(source.totalBytes)}
          {mediaType !== undefined && ` · ${mediaType}`}
          {way === 'raw' && !complete && ' · more is read while you scroll'}
        </span>
      </div>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {way === 'hex' ? (
        <HexView source={source} />
      ) : way === 'pretty' && pretty !== null ? (
        <LineView text={pretty.text} json={pretty.json} label="Body, pretty" />
      ) : (
        <Lines lines={lines} label={wire ? 'Wire, raw' : 'Body, raw'} onEnd={more} />
      )}
    </div>
  )
}

function prettyText(
  text: string,
  mediaType: string | undefined,
): { readonly text: string; readonly json: boolean } | null {
  const type = mediaType?.toLowerCase() ?? ''
  if (type.includes('x-www-form-urlencoded')) {
    const pairs = [...new URLSearchParams(text)].map(([name, value]) => `${name} = ${value}`)
    return { text: pairs.join('\n'), json: false }
  }
  if (!/^\s*[[{"]/.test(text)) return null
  const json = indentJson(text)
  return json === null ? null : { text: json, json: true }
}
