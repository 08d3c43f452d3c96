import { constants } from 'node:fs'
import { access, copyFile, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileSystem } from './file-system.ts'
import { makeFolder } from './make-folder.ts'
import type { Damage, Recovered } from './recovery.ts'
import { generationOf, segmentName } from './snapshot.ts'

/** Where what could not be used is kept, in the store's folder. */
const asideFolder = 'aside'

export async function makeAsideFolder(folder: string): Promise<string> {
  const aside = join(folder, asideFolder)
  await makeFolder(aside)
  return aside
}

/** True when records or snapshots lie aside: they may name bodies that no row names. */
export async function hasRecordsAside(folder: string): Promise<boolean> {
  const names = await readdir(join(folder, asideFolder)).catch(() => [])
  return names.some((name) => /^\d+-(?:snapshot|journal)-/.test(name))
}

/** Keeps what recovery could not use: damaged snapshots are moved, cut-off tails copied and then truncated. */
export async function setAside(
  files: FileSystem,
  folder: string,
  now: number,
  recovered: Recovered,
): Promise<void> {
  if (recovered.damage.length === 0) return
  const aside = await makeAsideFolder(folder)
  for (const damage of recovered.damage) {
    const path = join(folder, damage.file)
    const kept = await freePath(join(aside, `${now}-${damage.file}`))
    if (damage.fromByte === undefined || damage.fromByte === 0) await rename(path, kept)
    else await keepTail(files, path, kept, damage.fromByte)
  }
  await setAsideLaterSegments(folder, aside, now, recovered)
  await files.syncFolder(aside)
  await files.syncFolder(folder)
}

async function keepTail(files: FileSystem, path: string, kept: string, fromByte: number): Promise<void> {
  await copyFile(path, kept, constants.COPYFILE_EXCL)
  const handle = await open(kept, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await files.truncate(path, fromByte)
}

/** Segments behind a damaged one can't be applied any more; left in place they would be taken for its sequel. */
async function setAsideLaterSegments(
  folder: string,
  aside: string,
  now: number,
  recovered: Recovered,
): Promise<void> {
  if (!recovered.damage.some(isOfSegment)) return
  const last = recovered.segments.at(-1)?.generation ?? recovered.snapshot - 1
  for (const name of await readdir(folder)) {
    const generation = generationOf('journal', name)
    if (generation === null || generation <= last) continue
    await rename(join(folder, name), await freePath(join(aside, `${now}-${segmentName(generation)}`)))
  }
}

const isOfSegment = (damage: Damage): boolean => damage.fromByte !== undefined

/** What lies aside already is never written over. */
async function freePath(path: string): Promise<string> {
  for (let count = 0; ; count += 1) {
    const candidate = count === 0 ? path : `${path}.${count}`
    const taken = await access(candidate).then(
      () => true,
      () => false,
    )
    if (!taken) return candidate
  }
}
