import { onTestFinished } from 'vitest'
import { createClient, type Client, type Transport } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import { createIpcConnection } from '../../src-renderer/client/ipc-connection.ts'
import { createAppPages } from '../../src-main/electron/app-pages.ts'
import { serveIpc } from '../../src-main/electron/ipc-server.ts'
import { createBridge } from '../../src-main/electron/page-bridge.ts'
import { systemClock } from '../../src-main/system-clock.ts'
import { appOrigin } from '../../src-shared/desktop/app-address.ts'
import type { DesktopHandlers } from '../../src-shared/desktop/desktop-contract.ts'
import { createDesktopIpc, ownPage } from '../support/desktop-ipc.ts'
import { startTestHost, type TestHost } from '../support/test-host.ts'

/** One host with the API and the receiver on, reached by a transport of the contract. */
export interface ReachedHost {
  readonly test: TestHost
  readonly transport: Transport
  readonly call: Client['call']
}

/** The ways to the contract; each suite runs over all of them. */
export const transports = ['http', 'in process', 'ipc'] as const

export async function reach(kind: (typeof transports)[number]): Promise<ReachedHost> {
  const test = await startTestHost({
    api: { host: '127.0.0.1', port: 0, uiFolder: null },
    capture: { host: '127.0.0.1', port: 0 },
  })
  const { api, handlers } = test.host
  if (api === null) throw new Error('the API is not there')
  onTestFinished(() => test.stop(0))
  const ways: Readonly<Record<typeof kind, () => Transport>> = {
    http: () => createHttpTransport(`${api.url}/api/v1`, (url, init) => fetch(url, init), api.token),
    'in process': () => createLocalTransport(handlers),
    ipc: () => overIpc(test.host),
  }
  const transport = ways[kind]()
  const client = createClient(transport)
  return { test, transport, call: (name, input) => client.call(name, input) }
}

/** As the desktop's page calls: through the bridge, and documents from app://. */
function overIpc({ engine, handlers }: TestHost['host']): Transport {
  const ipc = createDesktopIpc()
  const onError = (where: string, error: unknown): void => {
    throw new Error(where, { cause: error })
  }
  serveIpc({
    ipc,
    handlers,
    desktop: {} as DesktopHandlers,
    feed: engine.feed,
    clock: systemClock,
    isOwn: () => true,
    onError,
  })
  const pages = createAppPages({ folder: import.meta.dirname, handlers, onError })
  const bridge = createBridge((channel, ...given) => ipc.invoke(ownPage, channel, ...given))
  const { connection } = createIpcConnection(bridge, (path) => pages(new Request(`${appOrigin}${path}`)))
  return (name, input) => connection.client.call(name, input as never)
}
