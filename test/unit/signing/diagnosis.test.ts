import { describe, expect, it } from 'vitest'
import { parseVerifyCase, runVerifyCase, runVerifyCases } from '../../../src-main/engine/signing/cases.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { meetsExpectation } from '../../../src-shared/model/verify-case.ts'
import { vectors } from './vectors.ts'

const { document, cases } = vectors('diagnosis')
const never = { nowMs: 0 }

describe('the 43 requests with one cause each', () => {
  it.each(cases.map((verifyCase, index) => ({ index, verifyCase, cause: verifyCase.expect?.cause ?? '' })))(
    'number $index: $cause',
    ({ verifyCase, cause }) => {
      const result = runVerifyCase(verifyCase, never)
      expect(result).toMatchObject({ ok: verifyCase.expect?.ok, cause })
      expect(result.message).toMatch(/^[A-Z].*\.$/)
    },
  )

  it('come back in the order of the file, and none differs', () => {
    const { results, differing } = runVerifyCases(document, never)
    expect(results.map(({ cause }) => cause)).toEqual(cases.map(({ expect: { cause } = {} }) => cause))
    expect(differing).toEqual([])
  })
})

describe('a case to verify', () => {
  const minimal = { provider: 'leadhub', headers: {}, secret: 's' }

  it('must be ok when it expects nothing', () => {
    const verifyCase = parseVerifyCase(minimal)
    expect(meetsExpectation(verifyCase, { ok: true, cause: 'none', message: '' })).toBe(true)
    expect(meetsExpectation(verifyCase, runVerifyCase(verifyCase, never))).toBe(false)
  })

  it('takes header lines as a list too, so that a name can stand twice', () => {
    const signature = 'sha256=2ac22b35705b117735b49a9b05494d9991c91c3756ca2af1c18a4ea607bf169c'
    const headers = [
      ['X-LeadHub-Signature', signature],
      ['x-leadhub-signature', signature],
    ]
    expect(runVerifyCase(parseVerifyCase({ ...minimal, headers }), never).cause).toBe('header-malformed')
  })

  it('takes a scheme of one’s own', () => {
    const verifyCase = parseVerifyCase({
      scheme: { header: 'X-Own' },
      headers: { 'X-Other': '' },
      secret: 's',
    })
    expect(runVerifyCase(verifyCase, never)).toMatchObject({ cause: 'header-missing' })
  })

  it.each([
    [{ headers: {}, secret: 's' }, 'provider'],
    [{ provider: 'leadhub', headers: {} }, 'secret'],
    [{ ...minimal, body_base64: 'ab!' }, 'body_base64'],
    [{ ...minimal, body_base64: 'abcde' }, 'body_base64'],
    [{ ...minimal, now: '1' }, 'now'],
    [{ ...minimal, secrets: [{ name: 'a', value: 'b', valid_until: 'tomorrow' }] }, 'secrets.0.valid_until'],
  ])('is refused with the field that is wrong: %j', (input, path) => {
    const refusal = expect.objectContaining({
      code: 'invalid_input',
      fields: [expect.objectContaining({ path })],
    })
    expect(() => parseVerifyCase(input)).toThrow(AppError)
    expect(() => parseVerifyCase(input)).toThrow(refusal)
  })

  it('names a provider that does not exist', () => {
    expect(() => runVerifyCase(parseVerifyCase({ ...minimal, provider: 'nobody' }), never)).toThrow(
      'no provider nobody',
    )
  })
})
