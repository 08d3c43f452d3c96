import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parseRawRequest } from '../../../src-main/engine/signing/raw-request.ts'
import { requestsIn } from '../../../src-main/engine/transfer/imported-requests.ts'
import { curlCommand } from '../../../src-main/engine/transfer/curl.ts'
import { rawHttp } from '../../../src-main/engine/transfer/raw-http.ts'
import type { RequestDocument } from '../../../src-main/engine/transfer/request-document.ts'

const run = promisify(execFile)

beforeAll(async () => {
  await run('curl', ['--version']).catch((cause: unknown) => {
    throw new Error(
      'curl is missing: these tests run exported commands with it. Install it (apt-get install curl).',
      { cause },
    )
  })
})

/** A socket that keeps what it gets and answers 204 once `bytes` have come. */
async function listen(bytes: () => number): Promise<{ port: number; received: () => Buffer }> {
  let all = Buffer.alloc(0)
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      all = Buffer.concat([all, chunk])
      if (/\r\nexpect: 100-continue\r\n/i.test(all.toString('latin1')))
        socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      if (all.length >= bytes()) socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, received: () => all }
}

function documentOf(raw: Buffer, authority: string): RequestDocument {
  return {
    ...parseRawRequest(raw),
    secure: false,
    authority,
    startedAt: 0,
    durationMs: 0,
    response: null,
    notes: ["a remark with 'nothing' in it"],
  }
}

/** Exports the request, runs it with sh and curl, and gives the bytes that arrived. */
async function replayed(raw: Buffer): Promise<Buffer> {
  const { port, received } = await listen(() => raw.length)
  const folder = mkdtempSync(join(tmpdir(), 'hookbench-curl-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const script = join(folder, 'command.sh')
  const command = curlCommand(documentOf(raw, `127.0.0.1:${port}`))
  writeFileSync(script, command)
  // A curl of the user's own taste, which the command has to be proof against.
  writeFileSync(join(folder, '.curlrc'), 'user-agent = "mine"\nheader = "X-Mine: 1"\n')
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, http_proxy: 'http://127.0.0.1:1' }
  await run('sh', [script], { cwd: folder, env: environment, timeout: 20_000 })
  expect(readdirSync(folder).toSorted(), 'the shell ran something').toEqual(['.curlrc', 'command.sh'])
  return received()
}

const head = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
const withBody = (body: Buffer, ...lines: string[]): Buffer =>
  Buffer.concat([head(...lines, `Content-Length: ${body.length}`), body])
const post = (text: string | Buffer, ...headers: string[]): Buffer =>
  withBody(
    Buffer.from(text),
    'POST /hook HTTP/1.1',
    'Host: x.example:81',
    'Content-Type: application/json',
    ...headers,
  )

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const nasty = `'; touch hacked; ' "$(touch hacked)" \`touch hacked\` !! $HOME \\ \\n %s %d # & | > hacked\n'\\''`

const requests: Record<string, Buffer> = {
  'a plain GET': head('GET /a?b=c HTTP/1.1', 'Host: x'),
  'no header at all': head('GET / HTTP/1.0'),
  'shell syntax in the body': post(nasty),
  'shell syntax in a header': head('GET / HTTP/1.1', 'Host: x', `X-N: ${nasty.replaceAll('\n', ' ')}x`),
  'shell syntax in the target': head(
    "GET /'$(touch${IFS}hacked)`touch`?a='\";|&<>\\ HTTP/1.1".replace('\\ ', '\\\\ '),
    'Host: x',
  ),
  'shell syntax in the method': head("$(id)`id`'!* / HTTP/1.1".replace('(', '').replace(')', ''), 'Host: x'),
  'line breaks, CRLF and tabs': post('a\nb\r\nc\td\r\n\n'),
  'a body that begins with @': post('@/etc/passwd'),
  'a body that begins with -': post('-n\u0000'),
  'a body with NUL': post('a\u0000b\u0000'),
  'every byte there is': post(everyByte),
  'a body that is no UTF-8': post(Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x25, 0x5c, 0x27])),
  'UTF-8 and an emoji': post('{"name":"Zoë 😀"}'),
  'a large text': post('x'.repeat(300_000)),
  'a large binary, above the size for Expect': post(
    Buffer.concat(Array.from({ length: 6000 }, () => everyByte)),
  ),
  'an empty body with a length': post(''),
  'no body and no length': head('POST /x HTTP/1.1', 'Host: x'),
  'latin-1 in a header': head('GET / HTTP/1.1', 'Host: x', "X-L: caf\u00e9 %s 'q' \u00a0x\u0080"),
  'empty header values': head('GET / HTTP/1.1', 'Host: x', 'X-Empty:', 'User-Agent:', 'Accept:'),
  'odd case, order and duplicates': head(
    'GET / HTTP/1.1',
    'x-b: 1',
    'hOsT: y',
    'X-B: 2',
    'aCCept: */*',
    'X-b: 3',
    'user-AGENT: z;q',
  ),
  'two hosts': head('GET / HTTP/1.1', 'Host: a', 'Host: b'),
  'no content type': withBody(Buffer.from('a=b&c'), 'PUT / HTTP/1.1', 'Host: x'),
  'credentials and cookies': head(
    'GET / HTTP/1.1',
    'Host: x',
    'Cookie: a=b; c="d"',
    'Authorization: Basic eDp5',
    'Connection: close',
  ),
  Expect: post('body', 'Expect: 100-continue'),
  'odd methods': head('M-SEARCH / HTTP/1.1', 'Host: x'),
  HEAD: head('HEAD /x HTTP/1.1', 'Host: x'),
  'GET with a body': withBody(Buffer.from('q'), 'GET / HTTP/1.1', 'Host: x', 'Content-Type: x'),
  'DELETE with a body': withBody(Buffer.from('{}'), 'DELETE /1 HTTP/1.1', 'Host: x', 'Content-Type: x'),
  'OPTIONS *': head('OPTIONS * HTTP/1.1', 'Host: x'),
  'dots in the path': head('GET /a/../b/./%2e%2e//c HTTP/1.1', 'Host: x'),
  'brackets and braces': head('GET /[1-3]/{a,b}?x[]=1&y={z} HTTP/1.1', 'Host: x'),
  'odd characters in the target': head('GET /a|b^c"d<e>#f?~` HTTP/1.1', 'Host: x'),
  'latin-1 in the target': head('GET /caf\u00e9 HTTP/1.1', 'Host: x'),
  'an absolute target': head('GET http://other.example/x?y HTTP/1.1', 'Host: other.example'),
  'a chunked body': Buffer.concat([
    head('POST / HTTP/1.1', 'Host: x', 'transfer-encoding: chunked', 'Content-Type: x'),
    Buffer.from('5\r\nhello\r\n0\r\n\r\n'),
  ]),
}

describe('abuse 20: an exported cURL command, run by sh and the real curl, sends the same bytes and runs nothing', () => {
  it.each(Object.entries(requests))('%s', async (_what, raw) => {
    const received = await replayed(raw)
    expect(received.toString('latin1').slice(0, 4000)).toBe(raw.toString('latin1').slice(0, 4000))
    expect(received.equals(raw)).toBe(true)
    expect(rawHttp({ ...documentOf(raw, 'x'), notes: [] }).equals(raw)).toBe(true)
    const command = curlCommand(documentOf(raw, 'x'))
    expect(requestsIn(command).map((request) => Buffer.from(request).toString('latin1'))).toEqual([
      raw.toString('latin1'),
    ])
  })

  it('is text that copying leaves as it is', () => {
    for (const raw of Object.values(requests)) {
      const command = curlCommand(documentOf(raw, 'x')).toString('utf8')
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(command).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/)
    }
  })
})

/** As people write them and as browsers copy them; `URL` stands for the receiver. */
const commands: Record<string, string> = {
  'JSON over several lines': `curl -X POST 'URL/hook?a=1' \\
  -H 'Content-Type: application/json' \\
  -d '{"a": "it'\\''s"}'`,
  'a form in parts':
    'curl URL/form --data a=1 -d "b=two words" --data-urlencode "c=ü & d" --data-urlencode =e=f',
  'data in the query': 'curl -sSG URL/find?x=y -d q=a%20b --data-urlencode "r=1+1"',
  "a browser's": `curl 'URL/copied' -X 'PUT' -H 'accept: text/plain' -H $'x-n: it\\'s \\u00e9' --data-raw $'a\\n\\x41\\u20ac' --compressed --insecure`,
  'flags in one word and a user': 'curl -sSLkXPATCH -u ada:pw URL/u -dx=1',
  'JSON by its option': `curl --json '{"a":1}' URL/json`,
  'headers left out and empty': `curl URL/h -H 'Content-Type:' -H 'X-Empty;' -H 'Host: other.example' -d x`,
  'a cookie, a referer and an agent': 'curl -b "a=b; c=d" -e http://from/ -A mine/1 URL/c',
  'a HEAD': 'curl -I URL/head',
  'piped on, without a scheme': 'curl -s ADDRESS/piped | cat > /dev/null',
}

describe('a cURL command that is imported', () => {
  it.each(Object.entries(commands))('is the request that the real curl sends: %s', async (_what, command) => {
    let wanted = 0
    const { port, received } = await listen(() => wanted)
    const script = command.replace('URL', `http://127.0.0.1:${port}`).replace('ADDRESS', `127.0.0.1:${port}`)
    const [read] = requestsIn(Buffer.from(script)).map((request) => Buffer.from(request).toString('latin1'))
    const length = /content-length: (\d+)/i.exec(read ?? '')?.[1] ?? '0'
    // Not before curl has sent all of it, whatever it adds by itself.
    wanted = 1
    await run('bash', ['-c', script], { timeout: 20_000 })
    await expect.poll(() => received().toString('latin1').split('\r\n\r\n')[1]?.length).toBe(Number(length))
    expect(sorted(read ?? '')).toEqual(sorted(received().toString('latin1')))
  })

  it.each([
    ['of a file', `curl http://h/ -d @secret.json`, 'secret.json'],
    ['with a variable of the shell', `curl "http://h/$TOKEN"`, '$TOKEN'],
    ['with the output of another command', 'curl http://h/ -d "$(cat x)"', 'plain text'],
    ['with an unknown option', 'curl --frobnicate http://h/', '--frobnicate'],
    ['with an open quote', "curl 'http://h/", 'never closed'],
    ['without a URL', 'curl -X POST', 'no URL'],
  ])('is refused %s', (_what, command, why) => {
    expect(() => requestsIn(Buffer.from(command))).toThrow(why)
  })

  it('is told from a request whose method is curl', () => {
    const raw = 'curl / HTTP/1.1\r\nHost: x\r\n\r\n'
    expect(requestsIn(Buffer.from(raw)).map(String)).toEqual([String(Buffer.from(raw))])
  })
})

/** First line, headers without those that are curl's own, and body; escapes in one case, which curl's versions differ in. */
function sorted(raw: string): unknown {
  const [head = '', body] = raw.replace(/%[\da-f]{2}/gi, (escape) => escape.toUpperCase()).split('\r\n\r\n')
  const [line, ...headers] = head.split('\r\n')
  const own = /^(user-agent: curl|accept: \*\/\*|accept-encoding:)/i
  return { line, headers: headers.filter((header) => !own.test(header)).toSorted(), body }
}
