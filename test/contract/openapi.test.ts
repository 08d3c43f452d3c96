import { Validator } from '@seriousme/openapi-schema-validator'
import OpenAPIClientAxios, { type Document } from 'openapi-client-axios'
import { describe, expect, it } from 'vitest'
import { contract } from '../../src-shared/api/contract.ts'
import type { OpenApiDocument } from '../../src-main/api/openapi.ts'
import { reach } from './transports.ts'

async function served(): Promise<{ document: OpenApiDocument; url: string; token: string }> {
  const { test } = await reach('http')
  const { api } = test.host
  if (api === null) throw new Error('the API is not there')
  const answer = await fetch(`${api.url}/api/v1/openapi.json`, {
    headers: { authorization: `Bearer ${api.token}` },
  })
  return { document: (await answer.json()) as OpenApiDocument, url: api.url, token: api.token }
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { document } = await served()
    const { valid, errors } = await new Validator().validate({ ...document })
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
    expect(document.openapi).toBe('3.1.0')
  })

  it('holds every operation of the contract, and the stream', async () => {
    const { document } = await served()
    const count = Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length
    expect(count).toBe(Object.keys(contract).length + 1)
  })

  it('makes a client whose every operation reaches this server', async () => {
    const { document, url, token } = await served()
    const api = new OpenAPIClientAxios({
      definition: document as unknown as Document,
      withServer: { url: `${url}/api/v1` },
      axiosConfigDefaults: {
        headers: { authorization: `Bearer ${token}` },
        validateStatus: () => true,
        timeout: 10_000,
      },
    })
    const client = await api.init()
    const operations = api.getOperations().filter(({ operationId }) => operationId !== 'stream')
    expect(operations.length).toBe(Object.keys(contract).length)
    const refused: string[] = []
    for (const operation of operations) {
      const id = String(operation.operationId)
      const parameters = (operation.parameters ?? []).flatMap((parameter) =>
        'name' in parameter && parameter.required === true
          ? [{ name: parameter.name, in: parameter.in as 'path', value: exampleOf(parameter.name) }]
          : [],
      )
      const call = client[id]
      if (call === undefined) throw new Error(`no ${id}`)
      const answer = await call(
        parameters,
        bodies[id] ?? (operation.requestBody === undefined ? undefined : {}),
      )
      // Nobody's things are not there (404), and an empty body may lack a field (400): but the route is known.
      const problem = answer.data as { code?: string } | undefined
      if (answer.status === 401 || problem?.code === 'route_not_found' || answer.status >= 500)
        refused.push(`${id} ${answer.status} ${problem?.code}`)
      if (answer.status < 300) expect(operation.responses, id).toHaveProperty(String(answer.status))
    }
    expect(refused).toEqual([])
    const made = await client['workspacesCreate']?.([], { name: 'made by the client', provider: 'leadhub' })
    expect(made?.status).toBe(201)
    const listed = await client['workspacesList']?.()
    expect(JSON.stringify(listed?.data)).toContain('made by the client')
  })
})

it('the page about the API names every operation, and runs no script', async () => {
  const { test } = await reach('http')
  const page = await fetch(`${test.host.api?.url}/api/docs`)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const html = await page.text()
  for (const { path, summary } of Object.values(contract)) {
    expect(html).toContain(path.replace(/:([a-z_]+)/g, '{$1}'))
    expect(html).toContain(summary.replaceAll('&', '&amp;'))
  }
  expect(html).not.toContain('<script')
})

const bodies: Readonly<Record<string, object>> = {
  workspacesCreate: { name: 'x', provider: 'leadpush' },
  verifyRun: { provider: 'leadhub', secret: 'x', headers: [], body: '' },
}

function exampleOf(name: string): string {
  if (name === 'type') return 'contact.created'
  if (name === 'token') return 'none'
  return '01890000-0000-7000-8000-000000000000'
}
