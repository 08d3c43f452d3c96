import { expect, it } from 'vitest'
import { providers } from '../../../src-main/engine/providers/index.ts'
import { verificationOf } from '../../../src-main/engine/snippets/verification.ts'
import { signatureSchemeSchema } from '../../../src-shared/model/scheme.ts'

const verificationIn = (scheme: object) =>
  verificationOf(signatureSchemeSchema.parse({ header: 'X-Signature', ...scheme }))

it('every provider’s check can be written down', () => {
  for (const { id, scheme } of providers) expect(verificationOf(scheme), id).not.toBeNull()
})

it('tells one signature, several, and fields apart', () => {
  expect(verificationIn({ format: 'sha256={signature}' })).toMatchObject({
    prefix: 'sha256=',
    shape: { kind: 'whole' },
  })
  expect(verificationIn({ format: 'v1,{signature}', multiple: true })).toMatchObject({
    shape: { kind: 'several', separator: ' ' },
  })
  expect(verificationIn({ multiple: true })).toMatchObject({ shape: { kind: 'several', separator: ',' } })
  expect(verificationIn({ format: 't={timestamp},v1={signature}' })).toMatchObject({
    prefix: 'v1=',
    shape: { kind: 'fields', separator: ',', timestampPrefix: 't=' },
  })
})

it.each([
  ['the timestamp within the signature’s field', { format: '{timestamp}:{signature}' }],
  ['text behind the signature', { format: '{signature};' }],
  ['a quote in the format', { format: '"{signature}' }],
  ['a body that is not the last that is signed', { content: ['body', 'timestamp'], timestamp_header: 'X-T' }],
  ['no body', { content: ['timestamp'], timestamp_header: 'X-T' }],
  ['signed text that code would have to escape', { content: [{ literal: '"' }, 'body'] }],
  ['an id in the body', { content: ['id', 'body'], id_path: 'id' }],
  ['a signed timestamp in the body', { content: ['timestamp', 'body'], timestamp_path: 'at' }],
  ['a nested timestamp', { timestamp_path: 'meta.at' }],
  ['a secret in a header', { kind: 'shared_secret' }],
])('claims nothing for %s', (_, scheme) => {
  expect(verificationIn(scheme)).toBeNull()
})
