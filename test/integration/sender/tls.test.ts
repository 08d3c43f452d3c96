import { describe, expect, it } from 'vitest'
import type { TlsOptions } from '../../../src-main/engine/ports.ts'
import { pem } from '../../support/pem.ts'
import { always, answer, startRawReceiver } from '../../support/raw-receiver.ts'
import type { RawReceiver } from '../../support/raw-receiver.ts'
import { outgoing, realSender } from '../../support/raw-receiver-sender.ts'

const ca = pem('ca')

function tlsReceiver(name: string, more: object = {}): Promise<RawReceiver> {
  return startRawReceiver(always(answer('200 OK', 'x')), {
    tls: { cert: pem(name), key: pem(`${name}-key`), ...more },
  })
}

const toLoopback = { resolve: async () => [{ address: '127.0.0.1', family: 4 }] }

describe('TLS', () => {
  it('takes a receiver of its own CA, has a TLS phase, and uses the connection again', async () => {
    await using receiver = await tlsReceiver('receiver')
    await using sender = realSender()
    const first = await sender.send(outgoing(receiver.url, { tls: { ca } }))
    const second = await sender.send(outgoing(receiver.url, { tls: { ca: pem('ca') } }))
    expect(first.error).toBeNull()
    expect(first.timings).toMatchObject({
      dnsMs: null,
      connectMs: expect.any(Number),
      tlsMs: expect.any(Number),
    })
    expect(second.timings.tlsMs).toBeNull()
    expect(receiver.connections).toHaveLength(1)
  })

  it('keeps the name for SNI, Host and the certificate', async () => {
    await using receiver = await tlsReceiver('receiver')
    await using sender = realSender({
      resolve: async () => [
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    })
    const outcome = await sender.send(outgoing(`https://receiver.test:${receiver.port}/`, { tls: { ca } }))
    expect(outcome.error).toBeNull()
    expect(receiver.connections[0]?.socket).toMatchObject({ servername: 'receiver.test' })
    expect(receiver.requests[0]?.toString()).toContain(`host: receiver.test:${receiver.port}\r\n`)
  })

  it.each<[string, string, string]>([
    ['expired', 'expired', 'tls_expired'],
    ['self-signed', 'self-signed', 'tls_self_signed'],
    ['for another host', 'wrong-host', 'tls_wrong_host'],
  ])(
    'fault 03: a certificate that is %s has its own class, and can be accepted',
    async (_what, name, code) => {
      await using receiver = await tlsReceiver(name)
      await using sender = realSender(toLoopback)
      const url = `https://receiver.test:${receiver.port}/`
      const refused = await sender.send(outgoing(url, { tls: { ca } }))
      expect(refused.error?.code).toBe(code)
      expect(refused.error?.message).toContain(`receiver.test:${receiver.port}`)
      expect(receiver.requests).toHaveLength(0)
      const accepted = await sender.send(outgoing(url, { tls: { ca, acceptSelfSigned: true } }))
      expect(accepted.error).toBeNull()
      // A connection that was accepted so is not used where it would be refused.
      expect((await sender.send(outgoing(url, { tls: { ca } }))).error?.code).toBe(code)
    },
  )

  it('fault 03: a certificate of an unknown authority is not trusted', async () => {
    await using receiver = await tlsReceiver('receiver')
    await using sender = realSender()
    expect((await sender.send(outgoing(receiver.url))).error?.code).toBe('tls_untrusted')
    expect(receiver.requests).toHaveLength(0)
  })

  it('shows a client certificate', async () => {
    await using receiver = await tlsReceiver('receiver', { requestCert: true, rejectUnauthorized: true, ca })
    await using sender = realSender()
    const tls: TlsOptions = { ca, clientCertificate: pem('client'), clientKey: pem('client-key') }
    expect((await sender.send(outgoing(receiver.url, { tls }))).error).toBeNull()
    // Node's TLS server only hangs up, without an alert that would say why.
    expect((await sender.send(outgoing(receiver.url, { tls: { ca } }))).error?.code).toBe('reset_after_send')
    expect(receiver.requests).toHaveLength(1)
  })

  it('says so when the port does not speak TLS', async () => {
    await using receiver = await startRawReceiver(({ socket }) => {
      socket.on('data', () => socket.end(answer('400 Bad Request')))
    })
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url.replace('http:', 'https:')))
    expect(outcome.error).toMatchObject({
      code: 'tls',
      message: expect.stringContaining('does not speak TLS'),
    })
  })

  it.each<[string, TlsOptions]>([
    ['a CA that is no PEM', { ca: 'nonsense' }],
    ['an empty CA', { ca: '' }],
    ['a damaged CA', { ca: ca.replace(/[A-Z]{4}/, '!!!!') }],
    ['a certificate without its key', { clientCertificate: pem('client') }],
    ['a key without its certificate', { clientKey: pem('client-key') }],
    ['a certificate that is no PEM', { clientCertificate: 'x', clientKey: pem('client-key') }],
    ['a key that is no PEM', { clientCertificate: pem('client'), clientKey: 'x' }],
    ['a key of another certificate', { clientCertificate: pem('client'), clientKey: pem('receiver-key') }],
  ])('refuses %s before connecting', async (_name, tls) => {
    await using receiver = await tlsReceiver('receiver')
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { tls }))
    expect(outcome.error?.code).toBe('tls')
    expect(outcome.error?.message).not.toContain('PRIVATE KEY')
    expect(receiver.connections).toHaveLength(0)
  })
})
