import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

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

/** The beginning of a body, and more of it on demand; never all of a large one at once. */
export function useBodyStart(source: BodySource) {
  const [state, setState] = useState({
    key: source.key,
    bytes: source.first,
    problem: null as string | null,
  })
  const reading = useRef(false)
  const bytes = state.key === source.key ? state.bytes : source.first
  const complete = bytes.length >= source.totalBytes
  const more = useCallback(() => {
    if (reading.current || complete) return
    reading.current = true
    source
      .read(bytes.length, Math.min(source.totalBytes, bytes.length + partBytes))
      .then(
        (part) => {
          const joined = new Uint8Array(bytes.length + part.length)
          joined.set(bytes)
          joined.set(part, bytes.length)
          setState({ key: source.key, bytes: joined, problem: null })
        },
        () => setState({ key: source.key, bytes, problem: 'The rest could not be read.' }),
      )
      .finally(() => {
        reading.current = false
      })
  }, [bytes, complete, source])
  const text = useMemo(() => new TextDecoder().decode(bytes), [bytes])
  return { bytes, text, complete, more, problem: state.problem }
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
