import { createHmac } from 'node:crypto'
import { requireProvider } from '../../src-main/engine/providers/index.ts'
import { verifyRequest } from '../../src-main/engine/signing/verify.ts'
import { median, milliseconds, type BenchReport } from '../support/bench-report.ts'

const rounds = 15
const secret = 'W8pKgaOeQ0iChpesQ0K9jQt2LDvG5dNo'
const now = 1_793_682_032
const { scheme } = requireProvider('leadpush')

/** How long the signature doctor takes: with a cause that it finds, and when there is none to find. */
export async function doctor(): Promise<BenchReport> {
  const sizes = [1, 64].map((kibibytes) => {
    const body = documentOf(kibibytes * 1024)
    const indented = JSON.stringify(JSON.parse(body.toString()), null, 2)
    return {
      kibibytes,
      hashedMs: timed(() => createHmac('sha256', secret).update(body).digest()),
      foundMs: timed(() => diagnose(body, Buffer.from(`${now}.d.${indented}`)), 'body-reserialized'),
      foundLateMs: timed(() => diagnose(body, body, Buffer.from(secret, 'base64')), 'content-layout'),
      unknownMs: timed(() => diagnose(body, Buffer.from('nobody signed this')), 'unknown'),
    }
  })
  return {
    name: 'doctor',
    about: 'why a signature is refused, in time on the main thread; median of 15',
    columns: ['body', 'one HMAC', 'JSON written again', 'two changes', 'no cause is found', 'in HMACs'],
    rows: sizes.map(({ kibibytes, hashedMs, foundMs, foundLateMs, unknownMs }) => [
      `${kibibytes} KiB`,
      milliseconds(hashedMs),
      milliseconds(foundMs),
      milliseconds(foundLateMs),
      milliseconds(unknownMs),
      String(Math.round(unknownMs / hashedMs)),
    ]),
    notes: ['The aim: 50 ms for 64 KiB.'],
    figures: Object.fromEntries(
      sizes.map(({ kibibytes, unknownMs }) => [`unknown_${kibibytes}_kib_ms`, unknownMs]),
    ),
  }
}

function diagnose(body: Buffer, signed: Buffer, key: string | Buffer = secret): string {
  const verdict = verifyRequest({
    scheme,
    headers: [
      ['X-Leadpush-Timestamp', String(now)],
      ['X-Leadpush-Delivery', 'd'],
      ['X-Leadpush-Signature', `sha256=${createHmac('sha256', key).update(signed).digest('hex')}`],
    ],
    body,
    secrets: [{ name: 'current', value: secret }],
    nowMs: now * 1000,
  })
  return verdict.cause
}

/** @throws Error when the work comes to something else: then the figure would be of something else, too */
function timed(work: () => unknown, expected?: string): number {
  const cause = work()
  if (expected !== undefined && cause !== expected)
    throw new Error(`${expected} was expected, not ${String(cause)}`)
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return median(times)
}

/** A JSON document of about so many bytes, of the kind that webhooks carry. */
function documentOf(bytes: number): Buffer {
  const one = {
    id: 1,
    name: 'Zoë Müller',
    url: 'https://example.com/a/b',
    score: 1.5,
    tags: ['a', 'b'],
    none: null,
  }
  const count = Math.max(1, Math.round(bytes / Buffer.byteLength(JSON.stringify(one))))
  return Buffer.from(JSON.stringify({ items: Array.from({ length: count }, (_, id) => ({ ...one, id })) }))
}
