import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAppPages } from '../../../src-main/electron/app-pages.ts'
import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { temporaryFolder } from './temporary-folder.ts'

const nobody = '01890000-0000-7000-8000-000000000000'
const whole = new TextEncoder().encode('<script>alert(1)</script>')

function pages() {
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'key'), 'the key of the data folder')
  const folder = join(outside, 'renderer')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Hookbench</title>')
  writeFileSync(join(folder, 'assets', 'app.js'), 'start()')
  const asked: unknown[] = []
  const errors: string[] = []
  const captureBody = async (input: { readonly id: string; readonly range?: string }): Promise<unknown> => {
    asked.push(input)
    if (input.id === nobody) throw new AppError('capture_not_found', { id: input.id })
    const part = input.range === undefined ? whole : whole.subarray(2, 8)
    return {
      media_type: 'application/octet-stream',
      file_name: 'capture.bin',
      bytes: part,
      offset: part.byteOffset,
      total_bytes: whole.length,
    }
  }
  const handlers = {
    'captures.body': captureBody,
    'deliveries.body': () => Promise.reject(new Error('at /home/ada/data')),
    'settings.get': () => expect.unreachable('an operation that answers JSON goes over IPC'),
  } as unknown as Handlers
  const answer = createAppPages({
    folder,
    handlers,
    onError: (where, error) => errors.push(`${where}: ${String(error)}`),
  })
  const get = (url: string, method = 'GET') => answer(new Request(url, { method }))
  const content = (name: string, input: unknown) =>
    get(`app://hookbench/content/${name}?input=${encodeURIComponent(JSON.stringify(input))}`)
  return { asked, content, errors, get }
}

describe('the page while it is being written', () => {
  it('comes from the dev server, whole address and headers; documents and the origin stay the app’s', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.accept}`)
      response.setHeader('content-type', 'text/javascript')
      response.end('hot()')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const answer = createAppPages({
      folder: temporaryFolder(),
      handlers: {} as Handlers,
      devServer: `http://127.0.0.1:${port}`,
      onError: () => undefined,
    })
    const page = await answer(
      new Request('app://hookbench/main.tsx?t=1', { headers: { accept: 'text/javascript' } }),
    )
    expect(await page.text()).toBe('hot()')
    expect(page.headers.get('content-security-policy')).toContain('ws:')
    expect(asked).toEqual(['/main.tsx?t=1 text/javascript'])
    expect((await answer(new Request('app://elsewhere/main.tsx'))).status).toBe(404)
    expect((await answer(new Request('app://hookbench/content/no.such'))).status).toBe(404)
    expect(asked).toHaveLength(1)
    server.close()
  })
})

const someId = '01890000-0000-7000-8000-000000000001'

describe('app://hookbench', () => {
  it('serves the page, with the headers that keep everything else out', async () => {
    const { get } = pages()
    for (const path of ['/', '/index.html']) {
      const page = await get(`app://hookbench${path}`)
      expect(page.status).toBe(200)
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(await page.text()).toContain('Hookbench')
    }
    const script = await get('app://hookbench/assets/app.js')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await script.text()).toBe('start()')
  })

  it('abuse 26: says with every answer that no inline script, no eval and nothing from elsewhere runs', async () => {
    const { content, get } = pages()
    const answers = [
      await get('app://hookbench/'),
      await get('app://hookbench/nothing'),
      await content('captures.body', { id: someId }),
      await content('captures.body', { id: nobody }),
    ]
    for (const { headers } of answers) {
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it.each([
    '/../key',
    '/assets/../../key',
    '/..%2fkey',
    '/%2e%2e/key',
    '/..\\key',
    '/%2e%2e%5ckey',
    '/assets',
    '/index.html%00.js',
    '//etc/passwd',
    '/key',
  ])('serves nothing for %s', async (path) => {
    const { get } = pages()
    const answer = await get(`app://hookbench${path}`)
    expect(answer.status).toBe(404)
    expect(await answer.text()).not.toContain('the key of')
  })

  it.each([
    'app://elsewhere/index.html',
    'app://hookbench.evil/',
    'app://hookbench:80/',
    'http://hookbench/',
  ])('is no other origin: %s', async (url) => {
    const { get } = pages()
    expect((await get(url)).status).toBe(404)
  })

  it.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    const { asked, get } = pages()
    const answer = await get('app://hookbench/index.html', method)
    expect(answer.status).toBe(405)
    const url = `app://hookbench/content/captures.body?input={"id":"${someId}"}`
    expect((await get(url, method)).status).toBe(405)
    expect(asked).toEqual([])
  })
})

describe('a document over app://', () => {
  it('comes whole, as a file to save and never as something to show', async () => {
    const { content } = pages()
    const answer = await content('captures.body', { id: someId })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="capture.bin"')
    expect(answer.headers.get('content-range')).toBeNull()
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(whole)
  })

  it('comes in part, saying which', async () => {
    const { asked, content } = pages()
    const answer = await content('captures.body', { id: someId, range: 'bytes=2-7' })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(`bytes 2-7/${whole.length}`)
    expect(await answer.text()).toBe('cript>')
    expect(asked).toEqual([{ id: someId, range: 'bytes=2-7' }])
  })

  it('is a problem when it is not there, or when what is asked is wrong', async () => {
    const { asked, content, get } = pages()
    const missing = await content('captures.body', { id: nobody })
    expect(missing.status).toBe(404)
    expect(missing.headers.get('content-type')).toBe('application/problem+json')
    expect(await missing.json()).toMatchObject({ code: 'capture_not_found' })
    asked.length = 0
    for (const answer of [
      await content('captures.body', { id: someId, range: 'lines=1' }),
      await content('captures.body', { id: someId, more: 1 }),
      await content('captures.body', {}),
      await get('app://hookbench/content/captures.body'),
      await get('app://hookbench/content/captures.body?input={'),
      await get(`app://hookbench/content/captures.body?input=${'['.repeat(50_000)}${']'.repeat(50_000)}`),
    ]) {
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'invalid_input' })
    }
    expect(asked).toEqual([])
  })

  it.each(['settings.get', 'workspaces.create', 'constructor', '__proto__', 'captures.body/', ''])(
    'is the answer of operations that have one, not of "%s"',
    async (name) => {
      const { content } = pages()
      expect((await content(name, { id: someId })).status).toBe(404)
    },
  )

  it('tells of a bug only that it was one', async () => {
    const { content, errors } = pages()
    const answer = await content('deliveries.body', { id: someId })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('ada')
    expect(errors).toEqual(['app page: Error: at /home/ada/data'])
  })
})
