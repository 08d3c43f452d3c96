import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { GrowingLines } from './growing-lines.ts'

/** A body that is read in parts. */
export interface BodySource {
  /** Tells one body from another. */
  readonly key: string
  /** What is kept of it. */
  readonly totalBytes: number
  /** The beginning, which came with the detail. */
  readonly first: Uint8Array
  /** @param to exclusive */
  readonly read: (from: number, to: number) => Promise<Uint8Array>
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

const partBytes = 256 * 1024

/** What was read from the beginning on. */
interface BodyStart {
  readonly key: string
  readonly text: GrowingLines
  readonly readBytes: number
  /** Kept of a short body only. */
  readonly parts: readonly Uint8Array[]
  readonly problem: string | null
}

/** Above this no body is wanted in one piece. */
const longestWhole = 1024 * 1024

function begin(source: BodySource): BodyStart {
  const text = new GrowingLines()
  text.push(source.first, source.first.length >= source.totalBytes)
  return {
    key: source.key,
    text,
    readBytes: source.first.length,
    parts: source.totalBytes <= longestWhole ? [source.first] : [],
    problem: null,
  }
}

/** The beginning of a body as lines, and more of it on demand; never all of a large one at once. */
export function useBodyStart(source: BodySource) {
  const [kept, setKept] = useState(() => begin(source))
  const start = kept.key === source.key ? kept : begin(source)
  if (start !== kept) setKept(start)
  const reading = useRef(false)
  const { readBytes, parts, text, problem } = start
  const complete = readBytes >= source.totalBytes
  const more = useCallback(() => {
    if (reading.current || complete) return
    reading.current = true
    const to = Math.min(source.totalBytes, readBytes + partBytes)
    source
      .read(readBytes, to)
      .then(
        (part) => {
          text.push(part, to === source.totalBytes)
          const known = source.totalBytes <= longestWhole ? [...parts, part] : []
          setKept({ key: source.key, text, readBytes: to, parts: known, problem: null })
        },
        () => setKept({ key: source.key, text, readBytes, parts, problem: 'The rest could not be read.' }),
      )
      .finally(() => {
        reading.current = false
      })
  }, [readBytes, complete, parts, text, source])
  const short = source.totalBytes <= longestWhole
  useEffect(() => {
    // A short body is shown pretty, which takes all of it.
    if (short && problem === null) more()
  }, [short, problem, more])
  /** All of a short body, once it was read. */
  const whole = useMemo(() => (short && complete ? decode(parts) : null), [short, complete, parts])
  return { lines: text.lines, whole, complete, more, problem }
}

function decode(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder()
  return parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode()
}

const blockBytes = 16 * 1024

/** Any part of a body by its blocks; those that were read last are kept. */
export function useBodyBlocks(source: BodySource, from: number, to: number) {
  const [blocks, setBlocks] = useState<ReadonlyMap<number, Uint8Array>>(new Map())
  const asked = useRef(new Set<number>())
  useEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- another body has other blocks
    setBlocks(new Map())
    asked.current.clear()
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the key stands for the body
  }, [source.key])
  useEffect(() => {
    for (let block = Math.floor(from / blockBytes); block * blockBytes < to; block += 1) {
      const start = block * blockBytes
      const end = Math.min(start + blockBytes, source.totalBytes)
      if (end <= source.first.length || asked.current.has(block)) continue
      asked.current.add(block)
      source.read(start, end).then(
        (bytes) => setBlocks((known) => new Map([...known].slice(-64)).set(block, bytes)),
        () => asked.current.delete(block),
      )
    }
  }, [source, from, to])
  return (at: number): number | undefined =>
    at < source.first.length ? source.first[at] : blocks.get(Math.floor(at / blockBytes))?.[at % blockBytes]
}
