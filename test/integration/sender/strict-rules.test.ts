import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { addressProblem } from '../../../src-main/sender/address-rules.ts'
import { Opening } from '../../../src-main/sender/opening.ts'
import type { ConnectionPhases, ConnectionPlan, ResolvedAddress } from '../../../src-main/sender/opening.ts'
import type { SendError } from '../../../src-main/engine/ports.ts'
import { systemClock } from '../../../src-main/system-clock.ts'
import { always, answer, startRawReceiver } from '../../support/raw-receiver.ts'
import { outgoing, realSender } from '../../support/raw-receiver-sender.ts'

const strict = { strictUrlRules: true, tls: { acceptSelfSigned: true } }

describe('strict URL rules', () => {
  it.each([
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://0177.0.0.1',
    'https://127.1',
    'https://0',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[::7f00:1]',
    'https://[64:ff9b::7f00:1]',
    'https://[2002:7f00:1::]',
    'https://localhost',
    'https://localhost.',
    'https://user:secret@receiver.test',
    'http://receiver.test',
  ])('abuse 34: %s is refused, nothing is looked up or connected to', async (origin) => {
    await using receiver = await startRawReceiver(() => undefined)
    let lookups = 0
    await using sender = realSender({
      resolve: async () => {
        lookups++
        return [{ address: '127.0.0.1', family: 4 }]
      },
    })
    const outcome = await sender.send(outgoing(`${origin}:${receiver.port}/`, strict))
    expect(outcome.error?.code).toBe('address_forbidden')
    expect(outcome.error?.message).not.toContain('secret')
    expect(lookups).toBe(0)
    expect(receiver.connections).toHaveLength(0)
  })

  it.each<[string, string[]]>([
    ['a private address', ['10.0.0.1']],
    ['this machine', ['127.0.0.1']],
    ['one public and one private address', ['93.184.216.34', '127.0.0.1']],
    ['a private and a public address', ['192.168.0.1', '93.184.216.34']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['metadata', ['169.254.169.254']],
    ['no address at all', ['nonsense']],
  ])('abuse 35: a name that resolves to %s is refused, nothing is connected to', async (_name, addresses) => {
    await using receiver = await startRawReceiver(() => undefined)
    await using sender = realSender({
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    })
    const outcome = await sender.send(outgoing(`https://receiver.test:${receiver.port}/`, strict))
    expect(outcome.error?.code).toBe('address_forbidden')
    expect(outcome.timings.dnsMs).not.toBeNull()
    expect(outcome.timings.connectMs).toBeNull()
    expect(receiver.connections).toHaveLength(0)
  })

  it('abuse 30: the rules hold for the rendered URL, per request, not per connection made without them', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender()
    expect((await sender.send(outgoing(receiver.url))).error).toBeNull()
    const outcome = await sender.send(outgoing(receiver.url, { strictUrlRules: true }))
    expect(outcome.error?.code).toBe('address_forbidden')
    expect(receiver.requests).toHaveLength(1)
  })

  it('without strict rules every address may be sent to', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
    for (const host of ['127.0.0.1', '2130706433', 'receiver.test', 'localhost']) {
      expect((await sender.send(outgoing(`http://${host}:${receiver.port}/`))).error).toBeNull()
    }
  })

  it.each(['http://169.254.169.254/latest', 'https://10.0.0.1/', '/relative'])(
    'abuse 36: a redirect to %s is not followed by itself',
    async (location) => {
      await using receiver = await startRawReceiver(
        always(answer('302 Found', '', `Location: ${location}\r\n`)),
      )
      await using sender = realSender()
      const outcome = await sender.send(outgoing(receiver.url))
      expect(outcome.error).toBeNull()
      expect(outcome.response?.status).toBe(302)
      expect(receiver.requests).toHaveLength(1)
    },
  )
})

interface Opened {
  readonly failure: SendError | null
  readonly remoteAddress: string | undefined
}

// The real rules, with one address of loopback standing in for a public one: tests leave this machine never.
const publicStandIn = '127.0.0.3'
function rules(address: string, hostname: string): SendError | null {
  return address === publicStandIn ? null : addressProblem(address, hostname)
}

function open(port: number, resolve: () => Promise<ResolvedAddress[]>): Promise<Opened> {
  const plan: ConnectionPlan = {
    clock: systemClock,
    resolve,
    hostname: 'receiver.test',
    isLiteral: false,
    port,
    label: `receiver.test:${port}`,
    tls: null,
    addressProblem: rules,
  }
  const phases: ConnectionPhases = { phase: 'queued', dnsMs: null, connectMs: null, tlsMs: null }
  return new Promise((settle) => {
    // Held by its callbacks.
    void new Opening(plan, phases, (error, socket) => {
      settle({ failure: error?.failure ?? null, remoteAddress: socket?.remoteAddress })
      socket?.destroy()
    })
  })
}

const ca = readFileSync(new URL('../../fixtures/tls/ca.pem', import.meta.url), 'utf8')
const receiverTls = {
  cert: readFileSync(new URL('../../fixtures/tls/receiver.pem', import.meta.url), 'utf8'),
  key: readFileSync(new URL('../../fixtures/tls/receiver-key.pem', import.meta.url), 'utf8'),
}

describe('a strict request to a public address', () => {
  const resolve = async (name: string): Promise<ResolvedAddress[]> => [
    { address: name === 'receiver.test' ? publicStandIn : '127.0.0.1', family: 4 },
  ]

  it('is sent, with the name in Host', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')), {
      host: publicStandIn,
      tls: receiverTls,
    })
    await using sender = realSender({ resolve, addressProblem: rules })
    const url = `https://receiver.test:${receiver.port}/hook`
    const outcome = await sender.send(outgoing(url, { strictUrlRules: true, tls: { ca } }))
    expect(outcome.error).toBeNull()
    expect(outcome.requestHeaders[0]).toEqual(['host', `receiver.test:${receiver.port}`])
    // Without strict rules another connection is made, though all else is the same.
    expect((await sender.send(outgoing(url, { tls: { ca } }))).error).toBeNull()
    expect(receiver.connections).toHaveLength(2)
  })

  it.each([
    ['http://receiver.test/', 302],
    ['https://127.0.0.1/', 302],
    ['https://169.254.169.254/latest/meta-data/', 302],
    ['https://0x7f.1/', 302],
    ['https://localhost/', 302],
    ['https://u:p@receiver.test/', 302],
    ['//[::ffff:10.0.0.1]/', 302],
    // Known only when the name was resolved, as a hop of its own.
    ['https://inner.test/', undefined],
  ])('abuse 36: a redirect to %s is checked again and not followed', async (location, status) => {
    const script = always(answer('302 Found', '', `Location: ${location}\r\n`))
    await using receiver = await startRawReceiver(script, { host: publicStandIn, tls: receiverTls })
    await using sender = realSender({ resolve, addressProblem: rules })
    const outcome = await sender.send(
      outgoing(`https://receiver.test:${receiver.port}/`, {
        strictUrlRules: true,
        followRedirects: true,
        tls: { ca },
      }),
    )
    expect(outcome.error?.code).toBe('address_forbidden')
    expect(outcome.response?.status).toBe(status)
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('the checked address', () => {
  it('abuse 35: is the one connected to, though the name changes between check and connect', async () => {
    await using receiver = await startRawReceiver(() => undefined, { host: publicStandIn })
    let lookups = 0
    const rebinding = async (): Promise<ResolvedAddress[]> => [
      { address: ++lookups === 1 ? publicStandIn : '127.0.0.1', family: 4 },
    ]
    expect(await open(receiver.port, rebinding)).toEqual({ failure: null, remoteAddress: publicStandIn })
    expect(lookups).toBe(1)
    expect(await open(receiver.port, rebinding)).toMatchObject({ failure: { code: 'address_forbidden' } })
    expect(receiver.connections).toHaveLength(1)
  })

  it('abuse 35: all of several are checked before any is connected to', async () => {
    await using receiver = await startRawReceiver(() => undefined, { host: publicStandIn })
    const mixed = async (): Promise<ResolvedAddress[]> => [
      { address: publicStandIn, family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    expect(await open(receiver.port, mixed)).toMatchObject({ failure: { code: 'address_forbidden' } })
    expect(receiver.connections).toHaveLength(0)
    const twice = async (): Promise<ResolvedAddress[]> => [
      { address: publicStandIn, family: 4 },
      { address: publicStandIn, family: 4 },
    ]
    expect(await open(receiver.port, twice)).toMatchObject({ remoteAddress: publicStandIn })
  })
})
