import { app, safeStorage } from 'electron'
import type { KeyProtection } from '../../src-shared/desktop/desktop-contract.ts'
import { compactionWorkerUrl, uiFolder, version } from '../environment.ts'
import { startHost, type Host } from '../host.ts'
import { appFolderOf, type DesktopArguments } from './arguments.ts'
import { openDesktopKey, type DesktopKey, type Keyring } from './desktop-key.ts'
import { DesktopApp, type DesktopOptions } from './desktop.ts'
import type { SecretMask } from './secret-mask.ts'
import type { WaitingIpc } from './waiting-ipc.ts'

/** All of the desktop app that takes time to load: engine and contract. */

const longestQuitMs = 9500
const longestInstallMs = 60_000

export interface EngineOptions extends Pick<DesktopOptions, 'window' | 'log' | 'onError'> {
  readonly ipc: WaitingIpc<Electron.IpcMainInvokeEvent>
  readonly given: DesktopArguments
  readonly mask: SecretMask
}

/** The system's keyring. `basic_text` is what Chromium calls a key that everybody knows. */
function systemKeyring(): Keyring {
  const backend =
    process.platform === 'linux'
      ? safeStorage.getSelectedStorageBackend()
      : process.platform === 'darwin'
        ? 'keychain'
        : 'dpapi'
  const obstacle =
    backend === 'basic_text'
      ? 'the system has no keyring that would encrypt it (basic_text is no encryption)'
      : safeStorage.isEncryptionAvailable()
        ? null
        : 'the system has no keyring'
  return {
    backend,
    obstacle,
    wrap: (text) => safeStorage.encryptString(text),
    unwrap: (bytes) => safeStorage.decryptString(Buffer.from(bytes)),
  }
}

/** Opens the data folder and puts the app around it. @throws AppError `data_folder_in_use`, … */
export async function startEngine(options: EngineOptions): Promise<Host> {
  const { given, log, mask } = options
  let key: DesktopKey | null = null
  const starting: Promise<Host> = startHost({
    folder: given.folder,
    version,
    command: 'Hookbench (desktop app)',
    // The page needs no port; commands find whichever it is in instance.json.
    api: { host: '127.0.0.1', port: given.port, anyPort: true, uiFolder: uiFolder() },
    capture: { host: '127.0.0.1', port: given.capturePort },
    dispatch: true,
    compactionWorker: compactionWorkerUrl,
    environment: process.env,
    log: (line) => log.write(line),
    async openSecrets(folder, files) {
      key = await openDesktopKey(folder, files, process.env['HOOKBENCH_KEY'], systemKeyring())
      return mask.watch(key.box)
    },
    async onPrepared(host) {
      if (key === null) throw new Error('the host has opened no secrets')
      openApp(options, host, starting, key.protection)
      // What else has to be started holds up the page's first answers.
      if (!given.hidden) await options.ipc.firstAnswers()
    },
  })
  const host = await starting
  if (host.api !== null) mask.learn(host.api.token)
  log.write(`started, version ${version}`)
  return host
}

function openApp(
  { given, log, window, ipc, onError }: EngineOptions,
  host: Host,
  started: Promise<Host>,
  key: KeyProtection,
): void {
  let ending = false
  let ended = false
  const quit = (install?: () => void): void => {
    if (ending) return
    ending = true
    desktop.quitting()
    const impatience = setTimeout(() => app.exit(0), longestQuitMs)
    void started
      .then(() => host.stop())
      .catch((error: unknown) => log.write(`quit: ${String(error)}`))
      .finally(() => {
        clearTimeout(impatience)
        desktop.close()
        log.write('ended')
        ended = true
        if (install === undefined) app.exit(0)
        else replace(install, onError)
      })
  }
  const desktop = new DesktopApp({
    host,
    started,
    dataFolder: given.folder,
    appFolder: appFolderOf(given.folder),
    window,
    ipc,
    key,
    log,
    onError,
    quit,
  })
  app.on('before-quit', (event) => {
    if (ended) return
    event.preventDefault()
    quit()
  })
  // It goes on in the tray.
  app.on('window-all-closed', () => undefined)
  app.on('activate', () => desktop.show())
  app.on('second-instance', () => desktop.show())
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => quit())
  desktop.start(given.hidden)
}

/** Installs and starts the next version, which would show this one's window as long as the lock is held. */
function replace(install: () => void, onError: EngineOptions['onError']): void {
  app.releaseSingleInstanceLock()
  setTimeout(() => app.exit(0), longestInstallMs)
  try {
    install()
  } catch (error) {
    onError('update', error)
    app.exit(3)
  }
}
