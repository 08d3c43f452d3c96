import { join } from 'node:path'
import type { FileSystem } from './file-system.ts'
import { segmentHeaderBytes } from './journal-record.ts'
import { createSegment, type Segment } from './journal-segment.ts'
import type { JournalEnd, Recovered } from './recovery.ts'
import { segmentName } from './snapshot.ts'

/** The journal's segments: the live one, which is made when there is something to write, and the sealed ones. */
export class SegmentChain {
  readonly #files: FileSystem
  readonly #folder: string
  #live: Segment | null = null
  /** The newest sealed segment. */
  #previous: JournalEnd | null
  #nextGeneration: number
  #sealedBytes: number
  #sealedSegments: number

  constructor(files: FileSystem, folder: string, recovered: Recovered) {
    this.#files = files
    this.#folder = folder
    this.#previous = recovered.end
    this.#nextGeneration = recovered.newest + 1
    this.#sealedBytes = recovered.bytes
    this.#sealedSegments = recovered.segments.length
  }

  /** Bytes and segments that a snapshot does not hold yet. */
  get backlog(): { readonly bytes: number; readonly segments: number } {
    return {
      bytes: this.#sealedBytes + (this.#live?.length ?? 0),
      segments: this.#sealedSegments + (this.#live === null ? 0 : 1),
    }
  }

  get isLive(): boolean {
    return this.#live !== null
  }

  /** The generation of the next segment to be made. */
  get nextGeneration(): number {
    return this.#nextGeneration
  }

  /** Up to where everything is on disk. */
  get end(): JournalEnd | null {
    return this.#live ?? this.#previous
  }

  /** The newest sealed generation. */
  get sealed(): number | null {
    return this.#previous?.generation ?? null
  }

  /** The live segment, made if there is none. */
  async live(): Promise<Segment> {
    if (this.#live === null) {
      this.#live = await createSegment(this.#files, this.#folder, this.#nextGeneration, this.#previous)
      this.#nextGeneration = this.#live.generation + 1
    }
    return this.#live
  }

  async seal(): Promise<void> {
    const segment = this.#live
    if (segment === null) return
    this.#noteSealed(segment)
    await segment.file.close()
  }

  /** A snapshot now holds all segments up to `generation`. */
  compacted(generation: number): void {
    const sealedSince = this.#previous !== null && this.#previous.generation > generation
    this.#sealedBytes = sealedSince ? (this.#previous?.length ?? 0) : 0
    this.#sealedSegments = sealedSince ? 1 : 0
  }

  /** Takes what a failed write left behind the acknowledged part off the disk, and seals what remains. */
  async cutOffRefused(): Promise<void> {
    const torn = this.#live
    if (torn === null) return
    const path = join(this.#folder, segmentName(torn.generation))
    await torn.file.close().catch(() => undefined)
    if (torn.length > segmentHeaderBytes) {
      await this.#files.truncate(path, torn.length)
      this.#noteSealed(torn)
    } else {
      // It never held a record: its generation is used again, or a full disk would fill up with empty segments.
      await this.#files.remove(path)
      this.#live = null
      this.#nextGeneration = torn.generation
    }
  }

  async close(): Promise<void> {
    await this.#live?.file.close().catch(() => undefined)
    this.#live = null
  }

  #noteSealed(segment: Segment): void {
    this.#live = null
    this.#previous = { generation: segment.generation, length: segment.length }
    this.#sealedBytes += segment.length
    this.#sealedSegments += 1
  }
}
