import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createHttpTransport, type Fetch } from '../../src-shared/api/http-transport.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import { AppError } from '../../src-shared/errors.ts'
import { dataFolder, type Instance } from '../data-folder.ts'
import { compactionWorkerUrl, version } from '../environment.ts'
import type { Host } from '../host.ts'
import { runningInstance } from '../running-instance.ts'
import type { Output } from './output.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean
  readonly dataDir?: string
  readonly verbose?: boolean
}

/** A way to the data: over the API of the Hookbench that has the folder open, or by opening the folder. */
export interface Session {
  readonly client: Client
  /** True when a running Hookbench answers. */
  readonly attached: boolean
  readonly folder: string
}

const attachTries = 30
const attachPauseMs = 100

/**
 * Runs `work` with a client for the data folder, and lets go of the folder afterwards.
 * @param dispatch send what is waiting, and receive, while `work` runs, if nothing else does
 */
export async function withSession<T>(
  options: GlobalOptions,
  output: Output,
  work: (session: Session) => Promise<T>,
  dispatch = false,
): Promise<T> {
  const folder = dataFolder(options.dataDir, process.env)
  for (let attempt = 0; ; attempt += 1) {
    const instance = await runningInstance(folder)
    if (instance !== null) return work({ client: attachedClient(instance), attached: true, folder })
    try {
      return await withHost(folder, output, work, dispatch)
    } catch (error) {
      // Another command may have the folder for a moment, or an app may just be starting.
      if (!(error instanceof AppError) || error.code !== 'data_folder_in_use' || attempt >= attachTries)
        throw error
      await new Promise((resolve) => setTimeout(resolve, attachPauseMs))
    }
  }
}

export function attachedClient(instance: Instance): Client {
  const carry: Fetch = async (url, init) => {
    try {
      return await fetch(url, init)
    } catch (cause) {
      const reason =
        cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
      throw new AppError('instance_unreachable', { pid: instance.pid, reason }, { cause })
    }
  }
  return createClient(createHttpTransport(`${instance.api}/api/v1`, carry, instance.token))
}

async function withHost<T>(
  folder: string,
  output: Output,
  work: (session: Session) => Promise<T>,
  dispatch: boolean,
): Promise<T> {
  // Loaded when needed: a command that attaches to a running instance starts twice as fast without.
  const { startHost } = await import('../host.ts')
  const host: Host = await startHost({
    folder,
    version,
    command: `hookbench ${process.argv[2] ?? ''}`.trim(),
    dispatch,
    // What is sent to Hookbench's own receiver, as the sample is, has to find it.
    ...(dispatch ? { capture: { host: '127.0.0.1', port: { unlessSet: 4848 }, tellsProblem: true } } : {}),
    compactionWorker: compactionWorkerUrl,
    environment: process.env,
    log: (line) => output.note(line),
  })
  if (host.receiver.problem !== null)
    output.note("The port of Hookbench's own receiver is taken: what goes there arrives at whoever listens.")
  try {
    return await work({ client: createClient(createLocalTransport(host.handlers)), attached: false, folder })
  } finally {
    await host.stop(dispatch ? 5000 : 0)
  }
}
