import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../support/bench-child.ts'
import { withScratchFolder } from '../support/bench-host.ts'
import { median, megabytes, milliseconds, type BenchReport } from '../support/bench-report.ts'
import type { Opening } from './children/opening-probe.ts'

const deliveries = 50_000
/** Nearly as many as the journal holds, under load, before it is folded: opening must not fold it. */
const inJournal = 22_000
const rounds = 3

/** How long a folder with 50,000 deliveries takes to open, and the memory it takes, in fresh processes. */
export async function opening(): Promise<BenchReport> {
  return withScratchFolder(async (scratch) => {
    const killed = join(scratch, 'killed')
    const folded = join(scratch, 'folded')
    const { journalBytes, databaseBytes } = await build(killed)
    const before = await filesOf(killed)
    await cp(killed, folded, { recursive: true })
    await probe('fold', folded)
    const found = {
      folded: await openings('store', folded),
      foldedHost: await openings('host', folded),
      killed: await openings('store', killed),
      killedHost: await openings('host', killed),
    }
    if ((await filesOf(killed)) !== before) throw new Error('opening has folded the journal: keep less in it')
    return report(found, journalBytes, databaseBytes)
  })
}

async function filesOf(folder: string): Promise<string> {
  return (await readdir(join(folder, 'store'))).sort().join(' ')
}

async function build(folder: string): Promise<{ journalBytes: number; databaseBytes: number }> {
  const file = new URL('children/build-history.ts', import.meta.url)
  const child = startChild(file, [folder, String(deliveries), String(inJournal)])
  try {
    return await child.next()
  } finally {
    await child.stop()
  }
}

async function openings(what: 'store' | 'host', folder: string): Promise<Opening> {
  const all: Opening[] = []
  for (let round = 0; round < rounds; round += 1) all.push(await probe(what, folder))
  return {
    openMs: median(all.map(({ openMs }) => openMs)),
    rssBeforeBytes: median(all.map(({ rssBeforeBytes }) => rssBeforeBytes)),
    rssBytes: median(all.map(({ rssBytes }) => rssBytes)),
  }
}

async function probe(what: 'store' | 'host' | 'fold', folder: string): Promise<Opening> {
  const child = startChild(new URL('children/opening-probe.ts', import.meta.url), [what, folder])
  const opened = await child.next<Opening>()
  await child.ended
  return opened
}

type Found = Readonly<Record<'folded' | 'foldedHost' | 'killed' | 'killedHost', Opening>>

function report(found: Found, journalBytes: number, databaseBytes: number): BenchReport {
  const row = (title: string, { openMs, rssBytes, rssBeforeBytes }: Opening): string[] => [
    title,
    milliseconds(openMs),
    megabytes(rssBytes),
    megabytes(rssBytes - rssBeforeBytes),
  ]
  return {
    name: 'opening',
    about: `${deliveries.toLocaleString('en-US')} deliveries with events, attempts and 1 KB payloads, in a fresh process`,
    columns: ['', 'time', 'RSS', 'of it by opening'],
    rows: [
      row('store, after a clean stop', found.folded),
      row('host, after a clean stop', found.foldedHost),
      row(`store, after kill -9 with ${megabytes(journalBytes)} of journal`, found.killed),
      row('host, after kill -9', found.killedHost),
    ],
    notes: [
      `aim: below 1 s and 300 MB; the database has ${megabytes(databaseBytes)}; medians of ${rounds} processes`,
    ],
    figures: {
      cleanOpenMs: found.folded.openMs,
      cleanHostMs: found.foldedHost.openMs,
      killedOpenMs: found.killed.openMs,
      killedHostMs: found.killedHost.openMs,
      cleanRssBytes: found.foldedHost.rssBytes,
      killedRssBytes: found.killedHost.rssBytes,
      databaseBytes,
      journalBytes,
    },
  }
}
