import { open, type FileHandle } from 'node:fs/promises'
import {
  cutOffRecord,
  recordHeaderBytes,
  walkEncodedRecords,
  type ExecuteEncoded,
  type RecordWalk,
} from './journal-record.ts'

const pieceBytes = 1024 * 1024

/** Reads a segment's records a piece at a time: a long journal held whole would be memory that is never given back. */
export class SegmentReader {
  readonly #file: FileHandle
  /** Of the file, or the part of it that counts. */
  readonly length: number
  readonly #definitions = new Map<number, string>()
  #piece = Buffer.allocUnsafeSlow(pieceBytes)

  private constructor(file: FileHandle, length: number) {
    this.#file = file
    this.length = length
  }

  /** @param atMost bytes of it that count */
  static async open(path: string, atMost = Infinity): Promise<SegmentReader> {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      return new SegmentReader(file, Math.min(size, atMost))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** The first bytes, or fewer when there are fewer. */
  async head(bytes: number): Promise<Buffer> {
    return Buffer.from(this.#piece.subarray(0, await this.#read(0, 0, bytes)))
  }

  /**
   * {@link walkEncodedRecords} over the file from `start` on; `validLength` is a place in the file.
   * @param onPiece told of the bytes that the next records stand in
   */
  async walk(
    start: number,
    onRecord: (apply: (execute: ExecuteEncoded) => void) => void,
    onPiece: (bytes: Buffer) => void = () => undefined,
  ): Promise<RecordWalk> {
    let records = 0
    let pieceStart = start
    let filled = 0
    for (;;) {
      filled += await this.#read(filled, pieceStart + filled, this.#piece.length - filled)
      const piece = this.#piece.subarray(0, filled)
      onPiece(piece)
      const walk = walkEncodedRecords(piece, 0, this.#definitions, onRecord)
      records += walk.records
      const validLength = pieceStart + walk.validLength
      const isAll = pieceStart + filled >= this.length
      if (isAll || (walk.problem !== null && walk.problem !== cutOffRecord)) {
        return { records, validLength, problem: walk.problem }
      }
      this.#piece.copyWithin(0, walk.validLength, filled)
      pieceStart = validLength
      filled -= walk.validLength
      if (!this.#makeRoom(filled, this.length - pieceStart))
        return { records, validLength, problem: cutOffRecord }
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** Grows the piece to hold the record that it begins with; false when the file is too short for that record. */
  #makeRoom(filled: number, left: number): boolean {
    const needed = filled < recordHeaderBytes ? 0 : recordHeaderBytes + this.#piece.readUInt32LE(0)
    if (needed > left) return false
    if (needed > this.#piece.length) {
      const grown = Buffer.allocUnsafeSlow(needed)
      this.#piece.copy(grown, 0, 0, filled)
      this.#piece = grown
    }
    return true
  }

  /** Reads into the piece at `offset`. @returns how many bytes; fewer than asked for at the end only */
  async #read(offset: number, position: number, bytes: number): Promise<number> {
    const wanted = Math.min(bytes, this.length - position)
    let read = 0
    while (read < wanted) {
      const { bytesRead } = await this.#file.read(this.#piece, offset + read, wanted - read, position + read)
      if (bytesRead === 0) throw new Error('a journal segment became shorter while it was read')
      read += bytesRead
    }
    return read
  }
}
