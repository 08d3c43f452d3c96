import { expect, it } from 'vitest'
import { differenceOf } from '../../../src-main/engine/signing/doctor/difference.ts'
import { shownDifference, type ShownDifference } from '../../../src-shared/text/shown-difference.ts'

function shown(signed: string | Buffer, arrived: string | Buffer): ShownDifference {
  const difference = differenceOf(Buffer.from(signed as string), Buffer.from(arrived as string))
  if (difference === null) throw new Error('they are the same')
  const side = ({ bytes, totalBytes }: typeof difference.signed) => ({ bytes, total: totalBytes })
  return shownDifference({
    ...difference,
    signed: side(difference.signed),
    arrived: side(difference.arrived),
  })
}

it('cuts both sides where they begin to differ', () => {
  expect(shown('{"a":1}', '{"a":2}')).toEqual({ same: '{"a":', signed: '1}', arrived: '2}' })
  expect(shown('', 'ab')).toEqual({ same: '', signed: '', arrived: 'ab' })
  expect(shown('ab\n', 'ab')).toEqual({ same: 'ab', signed: '\n', arrived: '' })
})

it('says where a side goes on, and that it began before', () => {
  const long = 'x'.repeat(200)
  const { same, signed, arrived } = shown(`${long}1${long}`, `${long}2`)
  expect(same).toBe(`…${'x'.repeat(24)}`)
  expect(signed).toBe(`1${'x'.repeat(47)}…`)
  expect(arrived).toBe('2')
})

it('cuts no character in two, and shows what is none as its digits', () => {
  // Both begin with the byte C3.
  expect(shown('aë', 'aé')).toEqual({ same: 'a', signed: 'ë', arrived: 'é' })
  expect(shown(Buffer.from('Zoë!', 'latin1'), 'Zoë!')).toEqual({ same: 'Zo', signed: '‹EB›!', arrived: 'ë!' })
  const wide = '😀'.repeat(40)
  const { same, signed } = shown(`${wide}a${wide}`, `${wide}b${wide}`)
  expect(same).toBe(`…${'😀'.repeat(6)}`)
  expect(signed).toMatch(/^a😀+…$/u)
})

it('reads UTF-8 as strictly as the standard does', () => {
  const all = Buffer.from('aé€😀\ufeff\u0000')
  expect(shown(all, '').signed).toBe('aé€😀\ufeff\u0000')
  // Overlong, a surrogate, beyond Unicode, half a character, a byte that begins none.
  for (const bytes of [[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xff]])
    expect(shown(Buffer.from([...bytes, 0x61]), '').signed).toMatch(/^(‹[0-9A-F]{2}›)+a$/)
})
