import { createHmac } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHookbench } from '../../support/run-command-line.ts'
import { serveInstance, type ServedInstance } from '../../support/served-instance.ts'
import { openStream } from '../../support/stream-reader.ts'

let instance: ServedInstance

beforeAll(async () => {
  instance = await serveInstance()
})
afterAll(async () => {
  await instance.stop()
})

const authorized = (): Record<string, string> => ({
  authorization: `Bearer ${instance.token}`,
  'content-type': 'application/json',
})

async function post(path: string, body: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${instance.api}/api/v1${path}`, { method: 'POST', headers: authorized(), body })
  return { status: answer.status, text: await answer.text() }
}

describe('what a hostile page or program finds', () => {
  it('abuse 12: JSON of the API can’t be loaded as a script of another site', async () => {
    const answer = await fetch(`${instance.api}/api/v1/workspaces`, { headers: authorized() })
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    const script = await fetch(`${instance.api}/api/v1/workspaces`, {
      headers: { ...authorized(), 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' },
    })
    expect(script.status).toBe(403)
  })

  it.each(['/', '/api/docs', '/api/v1/workspaces'])(
    'abuse 26: the policy of %s lets no inline script, no eval and nothing foreign in',
    async (path) => {
      const answer = await fetch(instance.api + path, { headers: authorized() })
      const policy = new Map(
        (answer.headers.get('content-security-policy') ?? '').split(';').map((rule) => {
          const [name = '', ...sources] = rule.trim().split(' ')
          return [name, sources] as const
        }),
      )
      expect(policy.get('default-src')).toEqual(["'none'"])
      expect(policy.get('script-src')).toEqual(["'self'"])
      expect(policy.get('frame-ancestors')).toEqual(["'none'"])
      expect(policy.get('base-uri')).toEqual(["'none'"])
      expect([...policy.values()].flat().join(' ')).not.toMatch(/unsafe|\*|http/)
      await answer.text()
    },
  )

  it('abuse 14: beyond loopback the same guard holds, for the address given', async () => {
    const addresses = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address?.family === 'IPv4')
    const address = addresses.find((found) => found !== undefined && !found.internal)?.address ?? '127.0.0.1'
    const running = startHookbench([
      'serve',
      '--host',
      address,
      '--expose-to-network',
      '--port',
      '0',
      '--capture-port',
      '0',
      '--json',
      '--data-dir',
      `${instance.folder}-exposed`,
    ])
    const { api, token } = (await running.nextJson()) as { api: string; token: string }
    if (address !== '127.0.0.1') expect(running.stderr()).toContain('Warning')
    const status = async (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        httpRequest(`${api}/api/v1/workspaces`, { headers }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
          .on('error', reject)
          .end()
      })
    const bearer = `Bearer ${token}`
    expect(await status({ authorization: bearer })).toBe(200)
    expect(await status({})).toBe(401)
    expect(await status({ authorization: bearer, host: 'evil.example' })).toBe(403)
    expect(await status({ authorization: bearer, origin: 'http://evil.example' })).toBe(403)
    running.process.kill('SIGTERM')
    expect(await running.ended).toBe(0)
    rmSync(`${instance.folder}-exposed`, { recursive: true, force: true })
  })

  it('abuse 22: long text, deep nesting and strange keys are refused in bounded time', async () => {
    const { items } = await instance.client.call('workspaces.list', {})
    const workspace = items[0]?.id ?? ''
    const event = (data: string): string =>
      `{"workspace_id":"${workspace}","type":"contact.created","data":${data}}`
    const started = performance.now()
    expect(
      (await post('/workspaces', `{"name":"${'x'.repeat(5_000_000)}","provider":"leadpush"}`)).status,
    ).toBe(400)
    expect((await post('/events', event('['.repeat(50_000) + ']'.repeat(50_000)))).status).toBe(400)
    expect((await post('/events', event('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)))).status).toBe(400)
    expect((await post('/events', event('{"__proto__":{"polluted":true}}'))).status).toBe(400)
    expect((await post('/events', event('{"constructor":{"prototype":{"polluted":true}}}'))).status).toBe(400)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(10_000)
    expect((await instance.client.call('events.list', {})).items).toEqual([])
  })

  it('abuse 40: filters made to be slow are bounded', async () => {
    const started = performance.now()
    const refused = ['q=%22open', `q=${'a*'.repeat(150)}`, 'q=***', 'cursor=%27%20OR%201%3D1', 'limit=1e9']
    for (const query of refused) {
      const answer = await fetch(`${instance.api}/api/v1/captures?${query}`, { headers: authorized() })
      expect([200, 400], query).toContain(answer.status)
      await answer.text()
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('secrets', () => {
  it('abuse 09: the token is in no answer, stream, page, log or process list', async () => {
    const { token } = instance
    const reader = await openStream({ url: instance.api, token })
    const pages = [
      '/',
      '/api/docs',
      '/api/v1/openapi.json',
      '/api/v1/health',
      '/api/v1/settings',
      '/api/v1/metrics',
    ]
    for (const path of pages) {
      const answer = await fetch(instance.api + path, { headers: authorized() })
      expect(await answer.text(), path).not.toContain(token)
      expect(JSON.stringify([...answer.headers]), path).not.toContain(token)
      // What a page links to learns nothing of its address.
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    }
    await reader.close()
    expect(JSON.stringify(reader.messages)).not.toContain(token)
    expect(instance.log()).not.toContain(token)
    if (process.platform === 'linux') {
      const commandLine = readFileSync(`/proc/${instance.process.pid}/cmdline`, 'utf8')
      expect(commandLine).not.toContain(token)
    }
  })

  it('abuse 38: a signing secret is in one answer only, and neither in stream, errors nor logs', async () => {
    const { client } = instance
    const reader = await openStream({ url: instance.api, token: instance.token })
    const workspace = await client.call('workspaces.create', { name: 'Hub', provider: 'leadhub' })
    const secret = 'a-very-secret-signing-secret-4711'
    const made = await client.call('destinations.create', {
      workspace_id: workspace.id,
      name: 'crm',
      url_template: `${instance.capture}/in/sample`,
      secret,
    })
    expect(made.secret).toBe(secret)
    await client.call('subscriptions.create', { destination_id: made.id, event_types: ['*'] })
    const { deliveries } = await client.call('events.raise', {
      workspace_id: workspace.id,
      type: 'lead.created',
    })
    await reader.until(({ message }) => message.event === 'delivery' && message.data.status === 'succeeded')
    const answers = [
      await client.call('destinations.list', {}),
      await client.call('destinations.change', { id: made.id, name: 'crm 2' }),
      await client.call('deliveries.get', { id: deliveries[0]?.id ?? '' }),
      await client.call('captures.list', {}),
    ]
    const refused = await post(
      '/destinations',
      JSON.stringify({ name: 1, secret, workspace_id: workspace.id }),
    )
    expect(refused.status).toBe(400)
    expect(refused.text).not.toContain(secret)
    await reader.close()
    expect(JSON.stringify([answers, reader.messages])).not.toContain(secret)
    expect(instance.log()).not.toContain(secret)
  })
})

describe('the receiver', () => {
  it('abuse 37: judges the raw bytes: parsed and written again, stale, and with another secret', async () => {
    const { client } = instance
    const secret = 'shared-between-the-two'
    const endpoint = await client.call('endpoints.create', {
      name: 'Judged',
      provider: 'leadpush',
      secrets: [{ value: secret }],
    })
    const now = Math.floor(Date.now() / 1000)
    const body = '{"a": 1.0}'
    const signed = (text: string, at: number, key: string): string =>
      `sha256=${createHmac('sha256', key).update(`${at}.delivery-1.${text}`).digest('hex')}`
    const deliver = async (sent: string, at: number, signature: string): Promise<string> => {
      await fetch(endpoint.url, {
        method: 'POST',
        headers: {
          'X-Leadpush-Delivery': 'delivery-1',
          'X-Leadpush-Timestamp': String(at),
          'X-Leadpush-Signature': signature,
        },
        body: sent,
      })
      const { items } = await client.call('captures.list', { endpoint: endpoint.id, limit: 1 })
      const [capture] = items
      return `${capture?.verdict.status} ${capture?.verdict.cause}`
    }
    expect(await deliver(body, now, signed(body, now, secret))).toBe('verified none')
    expect(await deliver('{"a":1}', now, signed(body, now, secret))).toMatch(
      /^rejected (unknown|body-reserialized)$/,
    )
    expect(await deliver(body, now - 4000, signed(body, now - 4000, secret))).toBe('rejected timestamp-stale')
    expect(await deliver(body, now, signed(body, now, 'another secret'))).toMatch(
      /^rejected (unknown|other-secret)$/,
    )
    expect(await deliver(body, now, '')).toBe('rejected header-malformed')
  })
})
