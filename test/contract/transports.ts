import { onTestFinished } from 'vitest'
import { createClient, type Client, type Transport } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import { startTestHost, type TestHost } from '../support/test-host.ts'

/** One host with the API and the receiver on, reached by a transport of the contract. */
export interface ReachedHost {
  readonly test: TestHost
  readonly transport: Transport
  readonly call: Client['call']
}

/** The ways to the contract; each suite runs over all of them. */
export const transports = ['http', 'in process'] as const

export async function reach(kind: (typeof transports)[number]): Promise<ReachedHost> {
  const test = await startTestHost({
    api: { host: '127.0.0.1', port: 0, uiFolder: null },
    capture: { host: '127.0.0.1', port: 0 },
  })
  const { api, handlers } = test.host
  if (api === null) throw new Error('the API is not there')
  onTestFinished(() => test.stop(0))
  const transport =
    kind === 'http'
      ? createHttpTransport(`${api.url}/api/v1`, (url, init) => fetch(url, init), api.token)
      : createLocalTransport(handlers)
  const client = createClient(transport)
  return { test, transport, call: (name, input) => client.call(name, input) }
}
