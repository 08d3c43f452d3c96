import { describe, expect, it } from 'vitest'
import { judge, type JudgedRequest } from '../../../src-main/engine/capture/verdict.ts'
import { requireProvider } from '../../../src-main/engine/providers/index.ts'
import { signRequest } from '../../../src-main/engine/signing/sign.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { signatureSchemeSchema } from '../../../src-shared/model/scheme.ts'

const receivedAtMs = Date.UTC(2026, 3, 22, 18, 30, 0, 999)
const leadpush = requireProvider('leadpush').scheme
const classic = requireProvider('breakcold-classic').scheme
const secrets = [{ name: 'current', value: 's' }]

function captured(changes: Partial<JudgedRequest> = {}): JudgedRequest {
  const body = Buffer.from('{}')
  const timestampSeconds = Math.floor(receivedAtMs / 1000)
  const { headers } = signRequest(leadpush, {
    secrets: ['s'],
    timestampSeconds,
    id: 'd',
    eventType: 'e',
    body,
  })
  return { scheme: leadpush, secrets, headers, body, receivedAtMs, ...changes }
}

const plain: Header[] = [['Content-Type', 'application/json']]

describe('the verdict on a capture', () => {
  it('is verified when the signature matches at the time of the capture', () => {
    expect(judge(captured())).toMatchObject({ status: 'verified', cause: 'none', secretName: 'current' })
    expect(judge(captured({ receivedAtMs: receivedAtMs + 301_000 }))).toMatchObject({
      status: 'rejected',
      cause: 'timestamp-stale',
    })
  })

  it('is rejected with its cause when it does not', () => {
    expect(judge(captured({ body: Buffer.from('{"b":1}') }))).toMatchObject({
      status: 'rejected',
      cause: 'unknown',
    })
  })

  it('is rejected when a signature is expected and absent', () => {
    expect(judge(captured({ headers: plain }))).toMatchObject({ status: 'rejected', cause: 'header-missing' })
    expect(judge(captured({ scheme: requireProvider('leadhub').scheme }))).toMatchObject({
      status: 'rejected',
      cause: 'other-provider',
    })
  })

  it('is unsigned when there is no signature and none is expected', () => {
    for (const known of [{ scheme: null }, { secrets: [] }, { scheme: null, secrets: [] }]) {
      expect(judge(captured({ headers: plain, ...known }))).toMatchObject({
        status: 'unsigned',
        cause: 'none',
        secretName: null,
      })
    }
  })

  it('is unchecked when there is a signature, and no secret or no scheme to check it by', () => {
    const withoutSecret = judge(captured({ secrets: [] }))
    expect(withoutSecret).toMatchObject({ status: 'unchecked', cause: 'none' })
    expect(withoutSecret.message).toContain('the secret')
    const withoutScheme = judge(captured({ scheme: null, secrets: [] }))
    expect(withoutScheme.status).toBe('unchecked')
    expect(withoutScheme.message).toContain('the signature of Leadpush')
    expect(judge(captured({ scheme: null })).message).toContain('which scheme')
    expect(judge(captured({ scheme: requireProvider('leadhub').scheme, secrets: [] })).status).toBe(
      'unchecked',
    )
  })

  it('takes an empty secret for none', () => {
    expect(judge(captured({ secrets: [{ name: 'empty', value: '' }] })).status).toBe('unchecked')
  })

  it('recognises the secret in a body where the scheme is known', () => {
    const body = Buffer.from('{"secret":"s"}')
    expect(judge(captured({ scheme: classic, headers: plain, body })).status).toBe('verified')
    expect(judge(captured({ scheme: classic, headers: plain, body, secrets: [] })).status).toBe('unchecked')
    expect(judge(captured({ scheme: classic, headers: plain, secrets: [] })).status).toBe('unsigned')
    expect(judge(captured({ scheme: null, headers: plain, body, secrets: [] })).status).toBe('unsigned')
  })

  it('recognises the schemes that it is given', () => {
    const own = { name: 'Mine', scheme: signatureSchemeSchema.parse({ header: 'X-Mine' }) }
    const headers: Header[] = [['x-mine', 'abc']]
    expect(judge(captured({ scheme: null, headers })).status).toBe('unsigned')
    expect(judge(captured({ scheme: null, headers, knownSchemes: [own] })).message).toContain('Mine')
  })
})
