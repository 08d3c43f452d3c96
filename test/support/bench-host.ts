import { rmSync } from 'node:fs'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import type { Workspace } from '../../src-shared/model/workspace.ts'
import { startHost, type Host, type HostOptions } from '../../src-main/host.ts'

/** A host on a temporary folder of the real disk, with nothing faked: store, fsync, engine, sender, receiver. */
export interface BenchHost {
  readonly host: Host
  readonly client: Client
  readonly workspace: Workspace
  readonly folder: string
  stop(): Promise<void>
}

export const compactionWorker = new URL('../../src-main/storage/compaction-worker.ts', import.meta.url)

/** `--folder` of the runner: where the temporary folders are made, to measure another disk. */
const scratchOption = process.argv.find((argument) => argument.startsWith('--folder='))
export const scratchFolder = scratchOption?.slice('--folder='.length) ?? tmpdir()

const tmpfsType = 0x01021994

/** Why figures from the scratch folder would mislead, or null. */
export async function scratchProblem(): Promise<string | null> {
  const { type } = await statfs(scratchFolder)
  return type === tmpfsType
    ? `${scratchFolder} is in memory: fsync costs nothing there. Use --folder=…`
    : null
}

const scratchFolders = new Set<string>()
// What a run that is broken off leaves.
process.on('exit', () => {
  for (const folder of scratchFolders) rmSync(folder, { recursive: true, force: true })
})

async function makeScratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(scratchFolder, 'hookbench-bench-'))
  scratchFolders.add(folder)
  return folder
}

async function removeScratchFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  scratchFolders.delete(folder)
}

export async function withScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeScratchFolder()
  try {
    return await work(folder)
  } finally {
    await removeScratchFolder(folder)
  }
}

export async function startBenchHost(options: Pick<HostOptions, 'capture'> = {}): Promise<BenchHost> {
  const folder = await makeScratchFolder()
  const host = await startHost({
    ...options,
    folder,
    version: 'bench',
    command: 'hookbench bench',
    dispatch: true,
    compactionWorker,
    environment: {},
    log: (line) => process.stderr.write(`${line}\n`),
  })
  const client = createClient(createLocalTransport(host.handlers))
  const [workspace] = (await client.call('workspaces.list', {})).items
  if (workspace === undefined) throw new Error('a fresh folder has a workspace')
  for (const subscription of (await client.call('subscriptions.list', {})).items) {
    await client.call('subscriptions.delete', { id: subscription.id })
  }
  return {
    host,
    client,
    workspace,
    folder,
    async stop() {
      await host.stop(0)
      await removeScratchFolder(folder)
    },
  }
}

/** Data that brings a leadpush payload to `bytes`, give or take a few. */
export function dataOfSize(bytes: number): { contact: { attributes: { note: string } } } {
  // What the sample takes without the note.
  const sampleBytes = 560
  return { contact: { attributes: { note: 'x'.repeat(Math.max(0, bytes - sampleBytes)) } } }
}

/** A destination that gets the events of one type. */
export async function addDestination(
  { client, workspace }: BenchHost,
  eventType: string,
  url: string,
  concurrency: number,
  timeoutSeconds = 30,
): Promise<void> {
  const { id } = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: eventType,
    url_template: url,
    concurrency,
    timeout_seconds: timeoutSeconds,
  })
  await client.call('subscriptions.create', { destination_id: id, name: eventType, event_types: [eventType] })
}
