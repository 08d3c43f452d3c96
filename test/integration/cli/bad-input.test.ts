import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hookbench } from '../../support/run-command-line.ts'
import { serveInstance, type ServedInstance } from '../../support/served-instance.ts'

let instance: ServedInstance
let folder: string
let dataDir: string[]

beforeAll(async () => {
  instance = await serveInstance()
  folder = mkdtempSync(join(tmpdir(), 'hookbench-cli-'))
  writeFileSync(join(folder, 'broken.json'), '{"a":')
  writeFileSync(join(folder, 'list.json'), '[1]')
  writeFileSync(join(folder, 'no-cases.json'), '{"cases": []}')
  writeFileSync(join(folder, 'a-file'), 'not a folder')
  dataDir = ['--data-dir', instance.folder]
})
afterAll(async () => {
  await instance.stop()
  rmSync(folder, { recursive: true, force: true })
})

const fixture = (name: string): string => join(import.meta.dirname, '..', '..', 'fixtures', 'tls', name)
const to = ['--to', 'http://127.0.0.1:9/x', '--provider', 'leadpush', '--secret', 's']

/** Commands that don't touch the data, with a piece of the sentence that each must say. */
const withoutData: readonly (readonly [string, readonly string[], string])[] = [
  ['an unknown command', ['frobnicate'], 'unknown command'],
  ['an unknown option', ['listen', '--frobnicate'], 'unknown option'],
  ['an unknown event', ['send', 'contact.nope', ...to], '<event>: Leadpush has no event "contact.nope"'],
  [
    'an unknown provider',
    ['send', 'x', '--to', 'http://127.0.0.1:9', '--provider', 'nope', '--secret', 's'],
    'no provider nope',
  ],
  [
    'a provider that only verifies',
    ['send', 'x', '--to', 'http://127.0.0.1:9', '--provider', 'github', '--secret', 's'],
    'verifying only',
  ],
  ['a time-out of nothing', ['trigger', 'contact.created', '--timeout', '5'], '--timeout goes with --wait'],
  ['receiver code for nobody', ['snippet', '--lang', 'go'], '--provider'],
  ['receiver code for an unknown provider', ['snippet', '--provider', 'x', '--lang', 'go'], 'no provider x'],
  [
    'receiver code in an unknown language',
    ['snippet', '--provider', 'leadpush', '--lang', 'cobol'],
    'Wanted is node, python, php, ruby, go, java or csharp',
  ],
  [
    'receiver code into a folder that is not there',
    ['snippet', '--provider', 'leadpush', '--lang', 'go', '--output', '/nowhere/at/all.go'],
    '/nowhere/at/all.go',
  ],
  [
    'a URL without scheme',
    ['send', 'contact.updated', '--to', 'localhost:3000/x', '--provider', 'leadpush', '--secret', 's'],
    '--to: must start with http:// or https:// (or with a variable)',
  ],
  [
    'a URL of another scheme',
    ['send', 'contact.updated', '--to', 'ftp://localhost/x', '--provider', 'leadpush', '--secret', 's'],
    'http:// or https://',
  ],
  [
    'an unclosed template',
    [
      'send',
      'contact.updated',
      '--to',
      'http://localhost/{{ contact._id',
      '--provider',
      'leadpush',
      '--secret',
      's',
    ],
    'never closed',
  ],
  ['a timeout of 0', ['send', 'contact.updated', ...to, '--timeout', '0'], '1 to 120'],
  [
    'a missing secret',
    ['send', 'contact.updated', '--to', 'http://127.0.0.1:9', '--provider', 'leadpush'],
    '--secret',
  ],
  [
    'a secret of the wrong form',
    [
      'send',
      'a.b',
      '--to',
      'http://127.0.0.1:9',
      '--provider',
      'standard-webhooks',
      '--secret',
      'whsec_short',
    ],
    'hookbench: What follows whsec_ must be base64 with its padding.',
  ],
  [
    'a secret of the wrong form to listen with',
    ['listen', '--provider', 'standard-webhooks', '--secret', 'bad', '--count', '1', '--timeout', '1'],
    'must begin with whsec_',
  ],
  [
    'a secret of the wrong form to verify with',
    ['verify', 'no-file', '--provider', 'standard-webhooks', '--secret', 'bad'],
    'must begin with whsec_',
  ],
  [
    'a reserved header',
    ['send', 'contact.updated', ...to, '--header', 'X-Leadpush-Signature: mine'],
    "--header: X-Leadpush-Signature is set by Leadpush and can't be replaced",
  ],
  [
    'a header of the connection',
    ['send', 'contact.updated', ...to, '--header', 'Host: evil'],
    '--header: Host is set',
  ],
  ['a header without colon', ['send', 'contact.updated', ...to, '--header', 'nonsense'], '--header'],
  [
    'a method that the provider has not',
    ['send', 'contact.updated', ...to, '--method', 'BREW'],
    '--method: Leadpush sends',
  ],
  [
    'data that is not there',
    ['send', 'contact.updated', ...to, '--data', '/nowhere/data.json'],
    "Can't read",
  ],
  ['data that is no JSON', ['send', 'contact.updated', ...to, '--data', '{broken}'], 'is not JSON'],
  ['data that is no object', ['send', 'contact.updated', ...to, '--data', '{list}'], 'JSON object'],
  ['an expectation that is no status', ['send', 'contact.updated', ...to, '--expect', 'fine'], '--expect'],
  ['retries below 0', ['send', 'contact.updated', ...to, '--retries', '-1'], '0 to 50'],
  ['a secret without provider', ['listen', '--secret', 's'], '--provider'],
  ['listening beyond loopback without the flag', ['listen', '--host', '0.0.0.0'], '--expose-to-network'],
  ['a count of 0', ['listen', '--count', '0'], '1 to'],
  ['a status that is none', ['listen', '--respond', '42'], '200 to 599'],
  ['verify without a file', ['verify', '--provider', 'leadpush', '--secret', 's'], 'needs a file'],
  [
    'verify of a file that is not there',
    ['verify', '/nowhere', '--provider', 'leadpush', '--secret', 's'],
    "Can't read",
  ],
  [
    'verify of what is no request',
    ['verify', '{a-file}', '--provider', 'leadpush', '--secret', 's'],
    'This is no whole HTTP request',
  ],
  ['cases that are no JSON', ['verify', '--cases', '{broken}'], 'is not JSON'],
  [
    'a file without a case',
    ['verify', '--cases', '{no-cases}'],
    'holds no case, so there is nothing to verify',
  ],
  [
    'a sample of an unknown event',
    ['events', '--provider', 'leadpush', '--sample', 'nope'],
    '--sample: Leadpush has no event "nope"; the same without --sample lists them.',
  ],
  [
    'an unknown status',
    ['deliveries', 'ls', '--status', 'failed,lost'],
    "'--status <statuses>' argument 'failed,lost' is invalid. Wanted is pending, processing, retrying, succeeded or failed.",
  ],
  ['an unknown origin', ['deliveries', 'ls', '--origin', 'x'], 'Wanted is event, test, replay or manual.'],
  [
    'an unknown verdict',
    ['captures', 'ls', '--verdict', 'good'],
    'Wanted is verified, rejected, unsigned or unchecked.',
  ],
  [
    'a time that is none',
    ['deliveries', 'ls', '--since', 'yesterday'],
    'A time in UTC such as 2026-01-31T12:00:00Z is wanted.',
  ],
  [
    'a host beyond loopback without the flag',
    ['serve', '--host', '0.0.0.0', '--port', '0'],
    '--expose-to-network',
  ],
  [
    'a data folder that is a file',
    ['workspaces', 'ls', '--data-dir', '{a-file}'],
    'could not be made, because a file is in its place.',
  ],
  [
    'a data folder that cannot be made',
    ['workspaces', 'ls', '--data-dir', '/proc/nowhere'],
    'could not be made, because the file system takes no new folder there.',
  ],
]

/** Commands on the running instance's data. */
const withData: readonly (readonly [string, readonly string[], string])[] = [
  ['an unknown workspace', ['trigger', 'contact.updated', '--workspace', 'nope'], 'no workspace nope'],
  ['an unknown event', ['trigger', 'contact.nope'], '<event>: Leadpush has no event'],
  [
    'a workspace of an unknown provider',
    ['workspaces', 'add', '--name', 'x', '--provider', 'nope'],
    'no provider nope',
  ],
  [
    'a workspace of a provider that only verifies',
    ['workspaces', 'add', '--name', 'x', '--provider', 'stripe'],
    '--provider: Stripe is for verifying only',
  ],
  [
    'a workspace without name',
    ['workspaces', 'add', '--name', ' ', '--provider', 'leadpush'],
    '--name: must not be empty',
  ],
  [
    'a destination without scheme',
    ['destinations', 'add', '--name', 'x', '--url', 'localhost'],
    '--url: must start with http:// or https://',
  ],
  [
    'a destination with an unclosed template',
    ['destinations', 'add', '--name', 'x', '--url', 'http://h/{{ x'],
    '--url: the {{ at character 10 is never closed with }}.',
  ],
  [
    'a destination with a reserved header',
    ['destinations', 'add', '--name', 'x', '--url', 'http://h/', '--header', 'X-Leadpush-Event: y'],
    '--header: X-Leadpush-Event is set',
  ],
  [
    'a destination that is unsigned though it must not',
    ['destinations', 'add', '--name', 'x', '--url', 'http://h/', '--unsigned'],
    '--secret: Leadpush signs every delivery; a secret is needed',
  ],
  [
    'a secret that is none',
    ['destinations', 'set', 'Local receiver', '--secret', ' '],
    'hookbench: The secret is only white space.',
  ],
  [
    'a client certificate that is none',
    ['destinations', 'set', 'Local receiver', '--cert', '{a-file}'],
    '--cert: is no certificate in PEM form',
  ],
  [
    'a client certificate without its key',
    ['destinations', 'set', 'Local receiver', '--cert', fixture('client.pem')],
    '--key: is needed beside the client certificate',
  ],
  [
    'a client certificate with the key of another',
    [
      'destinations',
      'set',
      'Local receiver',
      '--cert',
      fixture('client.pem'),
      '--key',
      fixture('receiver-key.pem'),
    ],
    '--key: does not belong to the client certificate',
  ],
  [
    'a destination with an unknown event',
    ['destinations', 'add', '--name', 'x', '--url', 'http://h/', '--events', 'nope'],
    '--events: Leadpush has no event',
  ],
  [
    'a rate that is none',
    ['destinations', 'add', '--name', 'x', '--url', 'http://h/', '--rate', '0/0'],
    '--rate wants requests/seconds',
  ],
  [
    'delays that are none',
    ['destinations', 'add', '--name', 'x', '--url', 'http://h/', '--retry-delays', '-1'],
    '--retry-delays wants seconds',
  ],
  ['a change of nothing', ['destinations', 'set', 'Local receiver'], 'Nothing to change'],
  ['an unknown destination', ['destinations', 'show', 'nope'], 'no destination nope'],
  ['resuming what is not paused', ['destinations', 'resume', 'Local receiver'], 'paused'],
  [
    'an endpoint with a secret of the wrong form',
    ['endpoints', 'add', '--name', 'x', '--provider', 'standard-webhooks', '--secret', 'bad'],
    'must begin with whsec_',
  ],
  [
    'subscribing to webhook.test',
    ['subscriptions', 'add', '--destination', 'Local receiver', '--events', 'webhook.test'],
    '--events: webhook.test is only ever sent by hand',
  ],
  [
    'subscribing to nothing',
    ['subscriptions', 'add', '--destination', 'Local receiver', '--events', ','],
    '--events: must name at least one event type',
  ],
  ['an unknown subscription', ['subscriptions', 'rm', 'nope'], 'no subscription nope'],
  ['an unknown contact', ['contacts', 'set', 'nobody', '--email', 'x@y.z'], 'no contact nobody'],
  ['a contact that is there already', ['contacts', 'add', '--id', 'contact_1'], 'already'],
  ['a contact id of the wrong form', ['contacts', 'add', '--id', 'a b'], '"a b" is not a contact\'s id'],
  ['a taken slug', ['endpoints', 'add', '--name', 'x', '--slug', 'sample'], '--slug: "sample" is taken'],
  ['a slug of the wrong form', ['endpoints', 'add', '--name', 'x', '--slug', 'A B'], '--slug: may hold'],
  [
    'an answer header of the receiver’s own',
    ['endpoints', 'add', '--name', 'x', '--respond-header', 'Content-Length: 3'],
    '--respond-header: Content-Length is set by the receiver itself',
  ],
  [
    'an answer header without a colon',
    ['endpoints', 'add', '--name', 'x', '--respond-header', 'X-Hub'],
    "--respond-header wants 'Name: value'",
  ],
  ['deleting the inbox', ['endpoints', 'rm', 'inbox'], 'inbox'],
  ['an unknown delivery', ['deliveries', 'show', 'nope'], 'no delivery nope'],
  ['an event that is none', ['deliveries', 'ls', '--event', 'A B'], '--event: must be an event id'],
  ['an unknown capture', ['captures', 'show', 'nope'], 'no capture nope'],
  ['importing what is no request', ['captures', 'import', '{a-file}'], 'This is no whole HTTP request'],
  [
    'importing to an unknown endpoint',
    ['captures', 'import', '{a-file}', '--endpoint', 'nope'],
    '--endpoint: there is no endpoint "nope"',
  ],
]

function check(given: readonly string[], sentence: string): void {
  const filled = given.map((part) =>
    part.replace(/^\{(.+)\}$/, (_, name: string) => join(folder, name === 'a-file' ? name : `${name}.json`)),
  )
  const { code, stdout, stderr } = hookbench(filled)
  expect(stderr).toContain(sentence)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  const lines = stderr.trim().split('\n')
  expect(lines.length).toBeLessThanOrEqual(2)
  expect(stderr).not.toMatch(/\n\s+at /)
}

describe('bad input', () => {
  it.each(withoutData)('%s: one clear sentence and exit code 2', (_what, given, sentence) =>
    check(given, sentence),
  )

  it('changes nothing', async () => {
    const before = await everything()
    for (const [what, given, sentence] of withData) {
      check([...given, ...dataDir], sentence)
      expect(await everything(), what).toEqual(before)
    }
  }, 120_000)

  it('fault 37: a taken API port is named, with the way out, and leaves no folder behind', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const { code, stderr } = hookbench([
      'serve',
      '--port',
      String(port),
      '--capture-port',
      '0',
      '--data-dir',
      join(folder, 'data'),
    ])
    server.close()
    expect(stderr).toContain(`Port ${port}`)
    expect(stderr).toContain('--port')
    expect(code).toBe(2)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it('fault 37: listen names its own option when its port is taken', () => {
    const { port } = new URL(instance.capture)
    const { code, stderr } = hookbench(['listen', '--port', port])
    expect(code).toBe(2)
    expect(stderr).toContain('Choose another with --port')
  })

  it('fault 24: a second serve on the folder exits 3 and names the owner', () => {
    const { code, stderr } = hookbench(['serve', '--port', '0', '--capture-port', '0', ...dataDir])
    expect(code).toBe(3)
    expect(stderr).toContain(String(instance.process.pid))
    expect(stderr).toContain('hookbench serve')
  })
})

async function everything(): Promise<unknown> {
  const { client } = instance
  return {
    workspaces: await client.call('workspaces.list', {}),
    destinations: await client.call('destinations.list', {}),
    subscriptions: await client.call('subscriptions.list', {}),
    endpoints: await client.call('endpoints.list', {}),
    deliveries: await client.call('deliveries.list', {}),
    events: await client.call('events.list', {}),
    captures: await client.call('captures.list', {}),
  }
}
