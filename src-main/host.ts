import type { Handlers } from '../src-shared/api/contract.ts'
import { AppError } from '../src-shared/errors.ts'
import { startApiServer, type ApiServer } from './api/api-server.ts'
import { endpointSlug } from './capture/endpoint-path.ts'
import { createReceiver, type Receiver } from './capture/receiver.ts'
import type { ReceivedRequest } from './capture/received-request.ts'
import { makeDataFolder, removeInstance, writeInstance } from './data-folder.ts'
import { createEngine, type Engine } from './engine/engine.ts'
import type { Clock, Random, SecretBox } from './engine/ports.ts'
import { createSender } from './sender/sender.ts'
import { nodeFileSystem, type FileSystem } from './storage/file-system.ts'
import { lockFolder } from './storage/folder-lock.ts'
import { openKeyFile } from './storage/key-file-secret-box.ts'
import { openStore, type OpenStore } from './storage/store.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'

/**
 * The one composition root: opens a data folder and puts engine, storage, sender, receiver and API together. Electron
 * and the command line differ only in what they pass here.
 */
export interface HostOptions {
  readonly folder: string
  readonly version: string
  /** What this process is, for whoever meets its lock: `hookbench serve`. */
  readonly command: string
  /** Absent: no API, no instance.json. */
  readonly api?: { readonly host: string; readonly port: number; readonly uiFolder: string | null }
  /** Absent: no receiver. A taken port doesn't stop the host: it is a problem in its health. */
  readonly capture?: { readonly host: string; readonly port: number }
  /** False: events are stored and go out at the next start. */
  readonly dispatch: boolean
  readonly compactionWorker: URL
  readonly environment: NodeJS.ProcessEnv
  /** One line about what happened; never a secret. */
  readonly log: (line: string) => void
  readonly clock?: Clock
  readonly random?: Random
  readonly files?: FileSystem
  readonly secrets?: SecretBox
}

export interface Host {
  readonly handlers: Handlers
  readonly engine: Engine
  readonly store: OpenStore
  readonly api: ApiServer | null
  /** The receiver's address, or why it doesn't listen. */
  readonly receiver: { readonly url: string | null; readonly problem: string | null }
  /** Ends everything in reverse order: finishes or parks what is under way within `graceMs`. */
  stop(graceMs?: number): Promise<void>
}

const defaultGraceMs = 6000
/** What `{{ receiver.url }}` means while no receiver runs: where it would listen. */
const usualReceiverUrl = 'http://127.0.0.1:4848'

/** @throws AppError for an unusable or taken folder, data of a newer version, a taken API port */
export async function startHost(options: HostOptions): Promise<Host> {
  const undo: (() => Promise<void>)[] = []
  try {
    return await compose(options, undo)
  } catch (error) {
    for (const step of undo.toReversed()) await step().catch(() => undefined)
    throw error
  }
}

async function compose(options: HostOptions, undo: (() => Promise<void>)[]): Promise<Host> {
  const { folder, log } = options
  const clock = options.clock ?? systemClock
  const files = options.files ?? nodeFileSystem
  await makeDataFolder(folder)
  const lock = await lockFolder(folder, options.command)
  undo.push(() => lock.release())
  const secrets = options.secrets ?? (await openKeyFile(folder, files, options.environment['HOOKBENCH_KEY']))
  const state: { receiver: Receiver | null; receiverProblem: string | null; engine: Engine | null } = {
    receiver: null,
    receiverProblem: null,
    engine: null,
  }
  // Loading it takes time, which a command that ends at once needn't spend.
  const metrics = options.api === undefined ? null : (await import('./metrics.ts')).createMetrics()
  undo.push(async () => metrics?.close())
  const store = await openStore({
    folder,
    files,
    clock,
    compactionWorker: options.compactionWorker,
    onHealth: (problem) =>
      log(problem === null ? 'storage: writing works again' : `storage: nothing can be saved: ${problem}`),
    onReload: () => state.engine?.storeReloaded(),
    onSync: (durationMs) => metrics?.noteSync(durationMs),
    onCompactionError: (reason) => log(`storage: compaction failed, the journal is kept: ${reason}`),
  })
  undo.push(() => store.close())
  for (const { file, reason, droppedBytes } of store.damage) {
    const dropped = droppedBytes === undefined ? '' : ` (${droppedBytes} bytes were not used)`
    log(`storage: ${file}: ${reason}${dropped}; what it held is kept under store/aside`)
  }
  const sender = createSender({ clock })
  undo.push(() => sender.close())
  const receiverUrl = (): string => state.receiver?.url ?? usualReceiverUrl
  const engine = createEngine({
    clock,
    random: options.random ?? systemRandom,
    store,
    sender,
    secrets,
    receiverUrl,
    metrics: async () => ({
      mediaType: metrics?.mediaType ?? 'text/plain',
      text: (await metrics?.text()) ?? '',
    }),
    dataFolder: folder,
    hostHealth: () => ({
      version: options.version,
      storage: {
        writable: store.failure === null,
        problem: store.failure,
        set_aside: store.damage.map(({ file, reason }) => `${file}: ${reason}`),
      },
      receiver: {
        listening: state.receiver !== null,
        url: state.receiver?.url ?? null,
        problem: state.receiverProblem,
      },
    }),
    onError: (where, error) =>
      log(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  })
  state.engine = engine
  metrics?.observe(engine.push, () => engine.dispatcher.queueLength())
  await engine.prepare()
  const api = await startApi(options, engine, clock, undo)
  if (options.capture !== undefined) {
    try {
      state.receiver = await startReceiver(options, engine, store, clock, api)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      state.receiverProblem = error.message
      log(error.message)
    }
  }
  const { receiver } = state
  undo.push(async () => receiver?.close({ graceMs: 1000 }))
  await engine.start({ dispatch: options.dispatch })
  if (api !== null) {
    await writeInstance(folder, {
      pid: process.pid,
      api: api.url,
      capture: receiver?.url ?? null,
      token: api.token,
      version: options.version,
    })
    undo.push(() => removeInstance(folder))
  }
  let stopping: Promise<void> | undefined
  return {
    handlers: engine.handlers,
    engine,
    store,
    api,
    receiver: { url: receiver?.url ?? null, problem: state.receiverProblem },
    stop(graceMs = defaultGraceMs) {
      stopping ??= stopAll(undo, engine, graceMs)
      return stopping
    },
  }
}

async function stopAll(
  undo: readonly (() => Promise<void>)[],
  engine: Engine,
  graceMs: number,
): Promise<void> {
  // Nothing new is claimed from here on; API and receiver go on until what is under way has ended.
  await engine.stop(graceMs)
  for (const step of undo.toReversed()) await step()
}

async function startApi(
  options: HostOptions,
  engine: Engine,
  clock: Clock,
  undo: (() => Promise<void>)[],
): Promise<ApiServer | null> {
  if (options.api === undefined) return null
  const api = await startApiServer({
    ...options.api,
    handlers: engine.handlers,
    feed: engine.feed,
    version: options.version,
    clock,
    onError: (where, error) =>
      options.log(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  })
  undo.push(() => api.close())
  return api
}

async function startReceiver(
  options: HostOptions,
  engine: Engine,
  store: OpenStore,
  clock: Clock,
  api: ApiServer | null,
): Promise<Receiver> {
  const receiver = createReceiver({
    clock,
    host: options.capture?.host ?? '127.0.0.1',
    port: options.capture?.port ?? 0,
    bodyLimitBytes: store.settings().capture_body_limit_bytes,
    handle: (request) => receive(engine, request),
    reportError: (error) =>
      options.log(`receiver: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    // Cookies ignore ports: a browser sends the UI's cookie here too.
    ...(api === null ? {} : { maskCookie: /^hookbench_\d+$/ }),
  })
  await receiver.listen()
  return receiver
}

async function receive(
  engine: Engine,
  request: ReceivedRequest,
): ReturnType<Parameters<typeof createReceiver>[0]['handle']> {
  const { status, headers, body } = await engine.capturing.receive({
    ...request,
    slug: request.malformed === null ? endpointSlug(request.target) : null,
    forcedStatus: forcedStatus(request),
  })
  return { status, headers: [...headers], body: Buffer.from(body) }
}

/** What the receiver answers by itself to requests that it can't take whole. */
function forcedStatus(request: ReceivedRequest): number | null {
  if (request.malformed !== null) return 400
  if (request.aborted) return 408
  return request.truncated ? 413 : null
}
