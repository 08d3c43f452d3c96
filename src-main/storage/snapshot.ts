import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describeFileError, errnoOf, type FileSystem } from './file-system.ts'
import { reserveRoom } from './sqlite.ts'

/**
 * A snapshot is an SQLite database file (any SQLite tool opens it) with a footer after its last page:
 * `"HKBSNAP1" u32 generation  u32 crc32(database)  u64 length of the database`.
 * Snapshot n holds everything that stands in the journal segments before n.
 */

const magic = Buffer.from('HKBSNAP1', 'latin1')
const footerBytes = 24

export const snapshotName = (generation: number): string =>
  `snapshot-${String(generation).padStart(8, '0')}.db`
export const segmentName = (generation: number): string =>
  `journal-${String(generation).padStart(8, '0')}.log`

/** A snapshot that was not finished. */
export const isUnfinishedSnapshot = (name: string): boolean => /^snapshot-\d{8}\.db\.tmp$/.test(name)

/** The generation in a file name that {@link snapshotName} or {@link segmentName} made, or null. */
export function generationOf(kind: 'snapshot' | 'journal', name: string): number | null {
  const match = /^(snapshot|journal)-(\d{8})\.(?:db|log)$/.exec(name)
  return match?.[1] === kind ? Number(match[2]) : null
}

/** Writes snapshot `generation` beside its final name, fsyncs it, then renames it and fsyncs the folder. */
export async function writeSnapshot(
  files: FileSystem,
  folder: string,
  generation: number,
  image: Uint8Array,
): Promise<void> {
  const path = join(folder, snapshotName(generation))
  const temporary = `${path}.tmp`
  const footer = Buffer.alloc(footerBytes)
  magic.copy(footer)
  footer.writeUInt32LE(generation, 8)
  footer.writeUInt32LE(crc32(image), 12)
  footer.writeBigUInt64LE(BigInt(image.length), 16)
  await files.remove(temporary)
  try {
    await writeWhole(files, temporary, [image, footer])
    await files.rename(temporary, path)
  } catch (error) {
    // On a full disk the half-written file would be the last straw.
    await files.remove(temporary).catch(() => undefined)
    throw error
  }
  await files.syncFolder(folder)
}

async function writeWhole(files: FileSystem, path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await files.openAppend(path)
  try {
    for (const part of parts) await file.append(part)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Errors of reading that mean damage, not that nothing can be read just now. */
const damagedFile = new Set(['EIO', 'EISDIR', 'ENXIO'])

/** The database bytes of a snapshot with room to grow, or a sentence that says what is wrong with the file. */
export async function readSnapshot(folder: string, generation: number): Promise<Uint8Array | string> {
  const handle = await open(join(folder, snapshotName(generation)), 'r')
  try {
    return await readSound(handle, generation)
  } catch (error) {
    if (damagedFile.has(errnoOf(error) ?? '')) return `it can't be read: ${describeFileError(error)}`
    throw error
  } finally {
    await handle.close()
  }
}

async function readSound(handle: FileHandle, generation: number): Promise<Uint8Array | string> {
  const { size } = await handle.stat()
  if (size <= footerBytes) return 'it is too short'
  const footer = Buffer.alloc(footerBytes)
  await handle.read(footer, 0, footerBytes, size - footerBytes)
  const length = size - footerBytes
  if (!footer.subarray(0, 8).equals(magic)) return 'it does not end as a snapshot does'
  if (footer.readUInt32LE(8) !== generation) return 'it is the snapshot of another generation'
  if (footer.readBigUInt64LE(16) !== BigInt(length)) return 'its length is not the recorded one'
  const image = reserveRoom(length)
  for (let offset = 0; offset < length;) {
    const { bytesRead } = await handle.read(image, offset, length - offset, offset)
    if (bytesRead === 0) return 'it ended while it was read'
    offset += bytesRead
  }
  return crc32(image) === footer.readUInt32LE(12) ? image : 'it fails its checksum'
}
