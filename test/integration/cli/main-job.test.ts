import { createHmac } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CaptureView } from '../../../src-shared/model/capture.ts'
import { hookbenchAsync, startHookbench } from '../../support/run-command-line.ts'

const listenArguments = [
  'listen',
  '--provider',
  'leadpush',
  '--secret',
  's',
  '--count',
  '1',
  '--json',
  '--timeout',
  '20',
]

describe('listen and send', () => {
  it('a signed event reaches a throw-away receiver, which calls it verified; both exit 0', async () => {
    const listening = startHookbench(listenArguments)
    const ready = await listening.nextJson()
    const sent = await hookbenchAsync([
      'send',
      'contact.updated',
      '--to',
      String(ready['url']),
      '--provider',
      'leadpush',
      '--secret',
      's',
      '--expect',
      '2xx',
      '--json',
    ])
    expect(sent.code).toBe(0)
    const { capture } = (await listening.nextJson()) as { capture: CaptureView }
    expect(capture.verdict.status).toBe('verified')
    expect(await listening.ended).toBe(0)

    const headers = Object.fromEntries(capture.headers.map(([name, value]) => [name.toLowerCase(), value]))
    const body = Buffer.from(capture.body_base64, 'base64')
    const content = Buffer.concat([
      Buffer.from(`${headers['x-leadpush-timestamp']}.${headers['x-leadpush-delivery']}.`),
      body,
    ])
    expect(headers['x-leadpush-signature']).toBe(
      `sha256=${createHmac('sha256', 's').update(content).digest('hex')}`,
    )
    const document = JSON.parse(sent.stdout) as { delivery_id: string; status: string }
    expect(document).toMatchObject({ status: 'succeeded', delivery_id: headers['x-leadpush-delivery'] })
    const python = spawnSync('python3', ['-c', pythonCheck], {
      input: JSON.stringify(capture),
      encoding: 'utf8',
      timeout: 20_000,
    })
    // Python is on every Debian; where it is missing, Node's own check above stands.
    if (python.error === undefined) expect(python.stdout.trim()).toBe('True')
  })

  it('listen exits 1 when the signature does not verify', async () => {
    const listening = startHookbench(listenArguments)
    const ready = await listening.nextJson()
    await hookbenchAsync([
      'send',
      'contact.updated',
      '--to',
      String(ready['url']),
      '--provider',
      'leadpush',
      '--secret',
      'another',
      '--json',
    ])
    const { capture } = (await listening.nextJson()) as { capture: CaptureView }
    expect(capture.verdict).toMatchObject({ status: 'rejected' })
    expect(await listening.ended).toBe(1)
  })

  it('listen takes every secret that it is given', async () => {
    const listening = startHookbench([...listenArguments, '--secret', 'another'])
    const ready = await listening.nextJson()
    const url = String(ready['url'])
    const signed = ['--provider', 'leadpush', '--secret', 'another', '--json']
    await hookbenchAsync(['send', 'contact.updated', '--to', url, ...signed])
    const { capture } = (await listening.nextJson()) as { capture: CaptureView }
    expect(capture.verdict).toMatchObject({ status: 'verified', secret_name: 'secret 2' })
    expect(await listening.ended).toBe(0)
  })

  it('listen exits 1 when nothing came in time', async () => {
    const listening = startHookbench(['listen', '--count', '1', '--timeout', '0.2', '--json'])
    expect(await listening.ended).toBe(1)
    expect(listening.stdout()).toContain('"timed_out":true')
  })

  it('listen ends with 0 on SIGTERM', async () => {
    const listening = startHookbench(['listen', '--json'])
    await listening.nextJson()
    listening.process.kill('SIGTERM')
    expect(await listening.ended).toBe(0)
  })

  it('send exits 1 when the receiver refuses, and says why', async () => {
    const receiver = createServer((_request, response) => response.writeHead(401).end('no'))
    onTestFinished(() => void receiver.close())
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const { port } = receiver.address() as AddressInfo
    const sent = await hookbenchAsync([
      'send',
      'contact.created',
      '--to',
      `http://127.0.0.1:${port}/x`,
      '--provider',
      'leadpush',
      '--secret',
      's',
    ])
    expect(sent.code).toBe(1)
    expect(sent.stdout).toContain('401')
    expect(sent.stdout).toContain('authentication')
  })

  it('send --expect 4xx is content with a 401', async () => {
    const receiver = createServer((_request, response) => response.writeHead(401).end('no'))
    onTestFinished(() => void receiver.close())
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const { port } = receiver.address() as AddressInfo
    const sent = await hookbenchAsync([
      'send',
      'contact.created',
      '--to',
      `http://127.0.0.1:${port}/x`,
      '--provider',
      'leadpush',
      '--secret',
      's',
      '--expect',
      '4xx',
    ])
    expect(sent.code).toBe(0)
  })

  it('abuse 18: control characters of a captured request never reach the terminal', async () => {
    const listening = startHookbench(['listen', '--count', '1', '--timeout', '20'])
    await new Promise<void>((resolve) => listening.process.stdout?.once('data', () => resolve()))
    const url = /http:\/\/\S+/.exec(listening.stdout())?.[0] ?? ''
    await fetch(`${url}/x`, {
      method: 'POST',
      headers: { 'x-evil': 'a\u0085b' },
      body: 'before\u001b]0;owned\u0007\u001b[2Jafter',
    })
    await listening.ended
    expect(listening.stdout()).toContain('\\x1b]0;owned\\x07')
    // eslint-disable-next-line no-control-regex -- exactly these must not be there
    expect(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(listening.stdout())).toBe(false)
  })
})

const pythonCheck = `
import json, hmac, hashlib, base64, sys
c = json.load(sys.stdin)
h = {k.lower(): v for k, v in c['headers']}
signed = (h['x-leadpush-timestamp'] + '.' + h['x-leadpush-delivery'] + '.').encode() + base64.b64decode(c['body_base64'])
print(h['x-leadpush-signature'] == 'sha256=' + hmac.new(b's', signed, hashlib.sha256).hexdigest())
`
