import type { Handlers } from '../src-shared/api/contract.ts'
import { AppError } from '../src-shared/errors.ts'
import type { ApiServer } from './api/api-server.ts'
import { endpointSlug } from './capture/endpoint-path.ts'
import type { Answer, CaptureHandler, ReceivedRequest } from './capture/received-request.ts'
import { makeDataFolder, removeInstance, writeInstance } from './data-folder.ts'
import type { CaptureAnswer } from './engine/capture/capturing.ts'
import { createEngine, type Engine } from './engine/engine.ts'
import type { Clock, Random, SecretBox, Sender } from './engine/ports.ts'
import type { MovableReceiver } from './movable-receiver.ts'
import { nodeFileSystem, type FileSystem } from './storage/file-system.ts'
import { lockFolder } from './storage/folder-lock.ts'
import { openKeyFile } from './storage/key-file-secret-box.ts'
import { openStore, type OpenStore } from './storage/store.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'

/** A port that was asked for, or the one to take unless the settings name another; 0 is any free one. */
export type PortChoice = number | { readonly unlessSet: number }

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
  readonly api?: {
    readonly host: string
    readonly port: PortChoice
    /** Takes any other port when that one is taken. */
    readonly anyPort?: boolean
    readonly uiFolder: string | null
  }
  /** Absent: no receiver. A taken port doesn't stop the host: it is a problem in its health. */
  readonly capture?: {
    readonly host: string
    readonly port: PortChoice
    /** The problem is told by whoever started the host, who has no option for the port. */
    readonly tellsProblem?: boolean
  }
  /** False: events are stored and go out at the next start. */
  readonly dispatch: boolean
  readonly compactionWorker: URL
  readonly environment: NodeJS.ProcessEnv
  /** One line about what happened; never a secret. */
  readonly log: (line: string) => void
  readonly clock?: Clock
  readonly random?: Random
  readonly files?: FileSystem
  /**
   * Called as soon as handlers can read what is stored. API, receiver and dispatcher start when what it returns has
   * resolved; until then nothing may be changed.
   */
  readonly onPrepared?: (host: Host) => Promise<void>
  /** Opens the folder's secrets once it is locked; a key file beside the data unless given. */
  readonly openSecrets?: (folder: string, files: FileSystem) => Promise<SecretBox>
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
  const openSecrets =
    options.openSecrets ??
    ((): Promise<SecretBox> => openKeyFile(folder, files, options.environment['HOOKBENCH_KEY']))
  const secrets = await openSecrets(folder, files)
  const state: { receiver: MovableReceiver | null; engine: Engine | null } = { receiver: null, engine: null }
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
  const sender = lateSender(clock)
  undo.push(() => sender.close())
  const receiverUrl = (): string => state.receiver?.url ?? usualReceiverUrl
  const engine = createEngine({
    clock,
    random: options.random ?? systemRandom,
    store,
    sender,
    secrets,
    receiverUrl,
    moveReceiver: (port, keep) =>
      state.receiver === null
        ? keep()
        : state.receiver.move(port ?? usualPort(options.capture?.port ?? 0), keep),
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
        listening: state.receiver !== null && state.receiver.url !== null,
        url: state.receiver?.url ?? null,
        problem: state.receiver?.problem ?? null,
      },
    }),
    onError: (where, error) =>
      log(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  })
  state.engine = engine
  metrics?.observe(engine.push, () => engine.dispatcher.queueLength())
  await engine.prepare()
  let api: ApiServer | null = null
  let stopping: Promise<void> | undefined
  const host: Host = {
    handlers: engine.handlers,
    engine,
    store,
    get api() {
      return api
    },
    receiver: {
      get url() {
        return state.receiver?.url ?? null
      },
      get problem() {
        return state.receiver?.problem ?? null
      },
    },
    stop(graceMs = defaultGraceMs) {
      stopping ??= stopAll(undo, engine, graceMs)
      return stopping
    },
  }
  await options.onPrepared?.(host)
  api = await startApi(options, engine, store, clock, undo)
  const describe = async (capture: string | null): Promise<void> => {
    if (api === null) return
    const { url, token } = api
    await writeInstance(folder, { pid: process.pid, api: url, capture, token, version: options.version })
  }
  if (options.capture !== undefined) {
    const receiver = await movableReceiver(options, options.capture, { engine, store, clock, api, describe })
    state.receiver = receiver
    await receiver.open(chosenPort(options.capture.port, store.settings().capture_port))
    if (receiver.problem !== null && options.capture.tellsProblem !== true) log(receiver.problem)
    undo.push(() => receiver.close())
  }
  await engine.start({ dispatch: options.dispatch })
  if (api !== null) {
    await describe(state.receiver?.url ?? null)
    undo.push(() => removeInstance(folder))
  }
  return host
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

/** A sender that is loaded when there is something to send: what it needs takes time, and a start shouldn't. */
function lateSender(clock: Clock): Sender {
  let loading: Promise<Sender> | null = null
  let loaded: Sender | null = null
  const load = async (): Promise<Sender> => {
    loaded = (await import('./sender/sender.ts')).createSender({ clock })
    return loaded
  }
  return {
    send(request, signal) {
      if (loaded !== null) return loaded.send(request, signal)
      loading ??= load()
      return loading.then((sender) => sender.send(request, signal))
    },
    async close() {
      await (await loading)?.close()
    },
  }
}

async function startApi(
  options: HostOptions,
  engine: Engine,
  store: OpenStore,
  clock: Clock,
  undo: (() => Promise<void>)[],
): Promise<ApiServer | null> {
  if (options.api === undefined) return null
  const { host, port: choice, anyPort = false, uiFolder } = options.api
  const { startApiServer } = await import('./api/api-server.ts')
  const start = (port: number): Promise<ApiServer> =>
    startApiServer({
      host,
      port,
      uiFolder,
      handlers: engine.handlers,
      feed: engine.feed,
      version: options.version,
      clock,
      onError: (where, error) =>
        options.log(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    })
  const wanted = chosenPort(choice, store.settings().api_port)
  const api = await start(wanted).catch((error: unknown) => {
    // Where any port would do, a setting that can't be met must not lock the user out of the settings.
    const anyWouldDo = anyPort || (typeof choice !== 'number' && choice.unlessSet === 0)
    if (!(error instanceof AppError) || !anyWouldDo) throw error
    options.log(`${error.message} Another one is taken for now.`)
    return start(0)
  })
  undo.push(() => api.close())
  return api
}

function chosenPort(choice: PortChoice, set: number | null): number {
  return typeof choice === 'number' ? choice : (set ?? choice.unlessSet)
}

/** Where a program listens that nobody has set another port for. */
function usualPort(choice: PortChoice): number {
  return typeof choice === 'number' ? choice : choice.unlessSet
}

async function movableReceiver(
  options: HostOptions,
  { host }: { readonly host: string },
  needs: {
    readonly engine: Engine
    readonly store: OpenStore
    readonly clock: Clock
    readonly api: ApiServer | null
    readonly describe: (capture: string) => Promise<void>
  },
): Promise<MovableReceiver> {
  const { engine, store, clock, api, describe } = needs
  const { createMovableReceiver } = await import('./movable-receiver.ts')
  return createMovableReceiver(
    {
      clock,
      host,
      bodyLimitBytes: () => store.settings().capture_body_limit_bytes,
      handle: (request, instead) => receive(engine, request, instead),
      reportError: (error) =>
        options.log(`receiver: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
      // Cookies ignore ports: a browser sends the UI's cookie here too.
      ...(api === null ? {} : { maskCookie: /^hookbench_\d+$/ }),
    },
    describe,
  )
}

async function receive(
  engine: Engine,
  request: ReceivedRequest,
  instead: Answer | undefined,
): ReturnType<CaptureHandler> {
  const answer = await engine.capturing.receive({
    ...request,
    slug: request.malformed === null ? endpointSlug(request.target) : null,
    // Nobody is there to be answered when a sender went away.
    ownAnswer: instead ?? (request.aborted ? { status: 408, sent: false } : null),
  })
  return sentAnswer(answer)
}

const sentAnswers = new WeakMap<CaptureAnswer, Answer>()

/** An endpoint's answer as bytes, made once. */
function sentAnswer(answer: CaptureAnswer): Answer {
  let sent = sentAnswers.get(answer)
  if (sent === undefined) {
    sent = { status: answer.status, headers: answer.headers, body: Buffer.from(answer.body) }
    sentAnswers.set(answer, sent)
  }
  return sent
}
