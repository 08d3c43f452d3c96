import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contract, type OperationName } from '../../../src-shared/api/contract.ts'
import type { Operation } from '../../../src-shared/api/operation.ts'
import { serveInstance, type ServedInstance } from '../../support/served-instance.ts'

let instance: ServedInstance
let port: number

beforeAll(async () => {
  instance = await serveInstance()
  port = Number(new URL(instance.api).port)
})
afterAll(async () => {
  await instance.stop()
})

/** Sends a request as it stands. @returns the whole answer */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

const status = (answer: string): number => Number(answer.slice(9, 12))

function get(headers: readonly string[]): Promise<string> {
  return raw(
    `GET /api/v1/workspaces HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}Connection: close\r\n\r\n`,
  )
}

const bearer = (): string => `Authorization: Bearer ${instance.token}`
const host = (): string => `Host: 127.0.0.1:${port}`

function post(headers: readonly string[], body: string): Promise<string> {
  const lines = [host(), bearer(), ...headers, `Content-Length: ${body.length}`, 'Connection: close']
  return raw(`POST /api/v1/workspaces HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

const workspace = '{"name":"intruder","provider":"leadpush"}'

describe('the guard', () => {
  it('lets the token in', async () => {
    expect(status(await get([host(), bearer()]))).toBe(200)
    expect(status(await get([`Host: localhost:${port}`, bearer()]))).toBe(200)
  })

  it.each([
    ['abuse 01: a foreign Host', () => ['Host: evil.example'], 403],
    ['abuse 02: a Host that only starts like this one', () => [`Host: 127.0.0.1.evil.example:${port}`], 403],
    ['abuse 02: the wrong port', () => ['Host: 127.0.0.1:1'], 403],
    ['abuse 03: no Host', () => [], 400],
    ['abuse 03: two Hosts', () => [host(), host()], 400],
    ['abuse 06: a foreign Origin', () => [host(), 'Origin: http://evil.example'], 403],
    ['a page of another site', () => [host(), 'Sec-Fetch-Site: cross-site'], 403],
  ])('%s is refused even with the token', async (_what, headers, expected) => {
    expect(status(await get([...headers(), bearer()]))).toBe(expected)
  })

  it.each([
    ['abuse 04: a foreign Origin', ['Origin: http://evil.example', 'Content-Type: application/json'], 403],
    ['abuse 04: a null Origin', ['Origin: null', 'Content-Type: application/json'], 403],
    ['abuse 05: text/plain', ['Content-Type: text/plain'], 415],
    ['abuse 05: a form', ['Content-Type: application/x-www-form-urlencoded'], 415],
    ['abuse 05: no content type', [], 415],
  ])('%s on a write is refused and changes nothing', async (_what, headers, expected) => {
    expect(status(await post(headers, workspace))).toBe(expected)
    expect((await instance.client.call('workspaces.list', {})).items).toHaveLength(1)
  })

  it('abuse 07: every operation without a token, or with a wrong one, is 401', async () => {
    for (const name of Object.keys(contract) as OperationName[]) {
      const entry: Operation = contract[name]
      const path = entry.path.replace(/:[a-z_]+/g, '01a1fcba-21d2-7000-84a7-55df34e69e7c')
      const body = entry.method === 'POST' || entry.method === 'PATCH' ? { body: '{}' } : {}
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { cookie: `hookbench_${port}=wrong` }]) {
        const answer = await fetch(`${instance.api}/api/v1${path}`, {
          method: entry.method,
          headers: { ...headers, 'content-type': 'application/json' },
          ...body,
        })
        expect(answer.status, name).toBe(401)
        await answer.arrayBuffer()
      }
    }
  })

  it('abuse 10: a preflight gets no CORS answer', async () => {
    const answer = await raw(
      `OPTIONS /api/v1/workspaces HTTP/1.1\r\n${host()}\r\nOrigin: http://127.0.0.1:${port}\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n`,
    )
    expect(answer.toLowerCase()).not.toContain('access-control-allow')
  })

  it.each(['/', '/api/v1/workspaces'])(
    'abuse 11, 12: %s can be neither framed nor read by other sites',
    async (path) => {
      const answer = await fetch(instance.api + path, {
        headers: { authorization: `Bearer ${instance.token}` },
      })
      expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    },
  )

  it.each([
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/..%5cpackage.json',
    '/assets/..%2f..%2fmain%2fcli.js',
    '/%00',
    '//etc/passwd',
  ])('abuse 13: %s is no file', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\n${host()}\r\nConnection: close\r\n\r\n`)
    expect([400, 404]).toContain(status(answer))
  })

  it('abuse 22: unknown fields, wrong types and too much are refused with the field named', async () => {
    const call = async (body: string): Promise<{ status: number; text: string }> => {
      const answer = await fetch(`${instance.api}/api/v1/workspaces`, {
        method: 'POST',
        headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
        body,
      })
      return { status: answer.status, text: await answer.text() }
    }
    expect(await call('{"name":1,"provider":"leadpush"}')).toMatchObject({
      status: 400,
      text: expect.stringContaining('"path":"name"') as string,
    })
    expect(await call('{"name":"x","provider":"leadpush","colour":"red"}')).toMatchObject({
      status: 400,
      text: expect.stringContaining('colour') as string,
    })
    expect((await call('{"name":"x","provider":"leadpush","__proto__":{"a":1}}')).status).toBe(400)
    const announced = `POST /api/v1/workspaces HTTP/1.1\r\n${host()}\r\n${bearer()}\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n`
    expect(status(await raw(announced))).toBe(413)
    expect((await call('{"name":')).status).toBe(400)
    expect((await instance.client.call('workspaces.list', {})).items).toHaveLength(1)
  })

  it('an operation without fields takes an empty body', async () => {
    const answer = await fetch(
      `${instance.api}/api/v1/destinations/01a1fcba-21d2-7000-84a7-55df34e69e7c/resume`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
      },
    )
    expect(await answer.json()).toMatchObject({ code: 'destination_not_found' })
  })

  it('a cursor that no page gave out is refused', async () => {
    for (const query of ['cursor=xxx', 'cursor=xxx&q=word', 'cursor=-5']) {
      const answer = await fetch(`${instance.api}/api/v1/captures?${query}`, {
        headers: { authorization: `Bearer ${instance.token}` },
      })
      expect(await answer.json(), query).toMatchObject({ status: 400, errors: [{ path: 'cursor' }] })
    }
  })

  it('errors are problem documents', async () => {
    const answer = await fetch(`${instance.api}/api/v1/workspaces/01a1fcba-21d2-7000-84a7-55df34e69e7c`, {
      headers: { authorization: `Bearer ${instance.token}` },
    })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({
      status: 404,
      code: 'workspace_not_found',
      type: 'urn:hookbench:error:workspace_not_found',
    })
  })

  it("abuse 15: API and UI paths on the receiver's port are captured, never served", async () => {
    const answer = await fetch(`${instance.capture}/api/v1/workspaces`, {
      headers: { authorization: 'Bearer x' },
    })
    expect(await answer.text()).toBe('')
    const { items } = await instance.client.call('captures.list', {})
    expect(items[0]).toMatchObject({ target: '/api/v1/workspaces', method: 'GET' })
  })

  it("the receiver masks the UI's cookie, which browsers send to every port", async () => {
    await fetch(`${instance.capture}/in/sample`, {
      headers: { cookie: `a=1; hookbench_${port}=${instance.token}` },
    })
    const { items } = await instance.client.call('captures.list', {})
    expect(JSON.stringify(items)).not.toContain(instance.token)
    expect(JSON.stringify(items[0]?.headers)).toContain('a=1')
  })

  it('abuse 09: the token is in no log', () => {
    expect(instance.log()).not.toContain(instance.token)
  })
})
