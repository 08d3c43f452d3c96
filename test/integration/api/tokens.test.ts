import { describe, expect, it, onTestFinished } from 'vitest'
import { contract, type OperationName } from '../../../src-shared/api/contract.ts'
import type { Operation } from '../../../src-shared/api/operation.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'

const anyId = '01a1fcba-21d2-7000-84a7-55df34e69e7c'

interface Served {
  readonly host: TestHost
  readonly url: string
  readonly token: string
  readonly port: number
}

async function serve(folder?: string, port = 0): Promise<Served> {
  const api = { host: '127.0.0.1', port, uiFolder: null }
  const host = await startTestHost({ api, ...(folder === undefined ? {} : { folder }) })
  if (host.host.api === null) throw new Error('the API is not there')
  const { url, token } = host.host.api
  onTestFinished(() => host.stop(0))
  return { host, url, token, port: host.host.api.port }
}

/** Everything that calls could have changed. */
async function stateOf({ host: { call } }: Served): Promise<unknown> {
  return {
    workspaces: await call('workspaces.list', {}),
    destinations: await call('destinations.list', {}),
    subscriptions: await call('subscriptions.list', {}),
    endpoints: await call('endpoints.list', {}),
    schemes: await call('schemes.list', {}),
    settings: await call('settings.get', {}),
    events: await call('events.list', {}),
    deliveries: await call('deliveries.list', {}),
    captures: await call('captures.list', {}),
  }
}

/** Calls every operation, and what stands beside the contract. @returns status by operation */
async function walk(
  { url }: Served,
  headers: Readonly<Record<string, string>>,
): Promise<Map<string, number>> {
  const operations = Object.entries(contract) as [OperationName, Operation][]
  const requests: [string, string, string][] = operations.map(([name, { method, path }]) => [
    name,
    method,
    `/api/v1${path.replace(/:[a-z_]+/g, anyId)}`,
  ])
  requests.push(['openapi', 'GET', '/api/v1/openapi.json'], ['stream', 'GET', '/api/v1/stream'])
  requests.push(['login link', 'POST', '/session/links'])
  const answers = new Map<string, number>()
  for (const [name, method, path] of requests) {
    const writes = method === 'POST' || method === 'PATCH'
    const answer = await fetch(url + path, {
      method,
      headers: { ...headers, ...(writes ? { 'content-type': 'application/json' } : {}) },
      ...(writes ? { body: bodies[name] ?? '{}' } : {}),
    })
    await answer.body?.cancel()
    answers.set(name, answer.status)
  }
  return answers
}

const bodies: Readonly<Record<string, string>> = {
  'workspaces.create': '{"name":"intruder","provider":"leadpush"}',
  'settings.change': '{"concurrency":1}',
}

describe('the token', () => {
  it.each([
    ['abuse 07: none', (): Record<string, string> => ({})],
    ['abuse 07: a wrong one', () => ({ authorization: 'Bearer wrong' })],
    [
      'abuse 07: a wrong one of the right length',
      ({ token }: Served) => ({ authorization: `Bearer ${'A'.repeat(token.length)}` }),
    ],
    ['abuse 07: a wrong cookie', ({ port }: Served) => ({ cookie: `hookbench_${port}=wrong` })],
    ['abuse 07: in the wrong place', ({ token }: Served) => ({ 'x-token': token })],
  ])('%s: every operation answers 401, and nothing is changed', async (_what, headersOf) => {
    const served = await serve()
    const before = await stateOf(served)
    for (const [name, status] of await walk(served, headersOf(served))) expect(status, name).toBe(401)
    expect(await stateOf(served)).toEqual(before)
  })

  it('abuse 08: the previous launch’s, as header and as cookie, is worth nothing', async () => {
    const first = await serve()
    await first.host.stop(0)
    const second = await serve(first.host.folder, first.port)
    expect(second.token).not.toBe(first.token)
    const before = await stateOf(second)
    for (const headers of [
      { authorization: `Bearer ${first.token}` },
      { cookie: `hookbench_${second.port}=${first.token}` },
    ]) {
      for (const [name, status] of await walk(second, headers)) expect(status, name).toBe(401)
    }
    expect(await stateOf(second)).toEqual(before)
  })

  it('in the query opens nothing: it would end up in logs', async () => {
    const served = await serve()
    const answer = await fetch(`${served.url}/api/v1/workspaces?token=${served.token}`)
    expect(answer.status).toBe(401)
  })

  it('a login code works once, for a minute, and sets a cookie that scripts can’t read', async () => {
    const served = await serve()
    const link = served.host.host.api?.loginLink() ?? ''
    const code = new URL(link).hash.replace('#login=', '')
    const login = (): Promise<Response> =>
      fetch(`${served.url}/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      })
    const answer = await login()
    expect(answer.status).toBe(204)
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/; Path=\/api\/v1; HttpOnly; SameSite=Strict$/)
    const list = await fetch(`${served.url}/api/v1/workspaces`, {
      headers: { cookie: cookie.split(';', 1)[0] ?? '' },
    })
    expect(list.status).toBe(200)
    expect((await login()).status).toBe(401)
  })
})
