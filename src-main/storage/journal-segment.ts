import { join } from 'node:path'
import type { AppendFile, FileSystem } from './file-system.ts'
import { encodeSegmentHeader, segmentHeaderBytes } from './journal-record.ts'
import type { JournalEnd } from './recovery.ts'
import { segmentName } from './snapshot.ts'

/** The segment that records are being appended to. */
export interface Segment {
  readonly generation: number
  readonly file: AppendFile
  /** Bytes that are known to be on disk. */
  length: number
}

/** Makes a segment; its header and its name are on disk then. @param previous the segment before it, if any */
export async function createSegment(
  files: FileSystem,
  folder: string,
  generation: number,
  previous: JournalEnd | null,
): Promise<Segment> {
  const path = join(folder, segmentName(generation))
  // What a failed attempt to make this segment may have left.
  await files.remove(path)
  const file = await files.openAppend(path)
  try {
    const header = encodeSegmentHeader({
      generation,
      previousGeneration: previous?.generation ?? generation,
      previousLength: previous?.length ?? 0,
    })
    await file.append(header)
    await file.sync()
    await files.syncFolder(folder)
  } catch (error) {
    await file.close().catch(() => undefined)
    await files.remove(path).catch(() => undefined)
    throw error
  }
  return { generation, file, length: segmentHeaderBytes }
}
