import { describe, expect, it } from 'vitest'
import { createSealer, isSealedText, Unsealer } from '../../../src-main/engine/transfer/sealed-text.ts'
import { referenceName, ReferenceNames, Secret } from '../../../src-main/engine/transfer/secrets.ts'
import { carriesCredentials, isSensitiveHeader } from '../../../src-main/engine/transfer/sensitive.ts'
import { systemRandom } from '../../../src-main/system-random.ts'

describe('names of references', () => {
  it('can be read, are unique, and are the same for the same configuration', () => {
    const names = (): string[] => {
      const given = new ReferenceNames()
      return [
        given.of('leadpush', 'Local receiver', 'SECRET'),
        given.of('leadpush', 'Büro #1', '', 'SECRET'),
        given.of('leadpush', 'Local  Receiver!', 'SECRET'),
        given.of('leadpush', '客户', 'SECRET'),
        given.of('1st', 'x'),
      ]
    }
    expect(names()).toEqual([
      'LEADPUSH_LOCAL_RECEIVER_SECRET',
      'LEADPUSH_BURO_1_SECRET',
      'LEADPUSH_LOCAL_RECEIVER_SECRET_2',
      'LEADPUSH_SECRET',
      '_1ST_X',
    ])
    expect(names()).toEqual(names())
  })

  it('stand alone: text around them makes no reference', () => {
    expect(referenceName('${A_1}')).toBe('A_1')
    for (const text of ['$A', '${A} ', 'x${A}', '${A-B}', '${}', '${1}', '${A}${B}'])
      expect(referenceName(text)).toBeNull()
  })
})

describe('a secret', () => {
  it('abuse 38: shows nothing of itself when it is written out', () => {
    const secret = Secret.plain('very secret')
    expect(`${JSON.stringify({ secret })} ${String(secret)} ${Object.keys(secret).join()}`).not.toContain(
      'very',
    )
  })
})

describe('text encrypted with a passphrase', () => {
  it('comes back with the passphrase only, and differs each time', async () => {
    const seal = await createSealer('correct horse', systemRandom)
    const [one, other] = [seal('sécret ✓'), seal('sécret ✓')]
    expect(isSealedText(one)).toBe(true)
    expect(one).not.toBe(other)
    const unsealer = new Unsealer('correct horse')
    expect([await unsealer.open(one), await unsealer.open(other)]).toEqual(['sécret ✓', 'sécret ✓'])
    await expect(new Unsealer('Correct horse').open(one)).rejects.toMatchObject({ code: 'wrong_passphrase' })
    const parts = one.split(':')
    const changed = [
      ...parts.slice(0, -1),
      `${parts.at(-1)?.startsWith('A') === true ? 'B' : 'A'}${parts.at(-1)?.slice(1)}`,
    ].join(':')
    await expect(unsealer.open(changed)).rejects.toMatchObject({ code: 'wrong_passphrase' })
  })

  it('abuse 28: is refused before it costs anything when its parameters would cost too much', async () => {
    const text = (parameters: string): string =>
      `hookbench-secret:v1:scrypt:${parameters}:${'A'.repeat(22)}:${'A'.repeat(16)}:${'A'.repeat(30)}`
    const unsealer = new Unsealer('x')
    for (const parameters of [
      'n=1048576,r=8,p=1',
      'n=262144,r=16,p=1',
      'n=131072,r=8,p=9',
      'n=100000,r=8,p=1',
      'n=2,r=8,p=1',
      'n=131072,r=99,p=1',
    ])
      await expect(unsealer.open(text(parameters)), parameters).rejects.toMatchObject({
        code: 'sealed_text_invalid',
      })
    for (const other of ['hookbench-secret:v2:x', 'hookbench-secret:', `${text('n=16384,r=8,p=1')}!`])
      await expect(unsealer.open(other)).rejects.toMatchObject({ code: 'sealed_text_invalid' })
    const salts = ['A', 'B', 'C', 'D', 'E'].map((letter) =>
      text('n=16384,r=8,p=1').replace('A'.repeat(22), letter.repeat(22)),
    )
    const codes = []
    for (const salt of salts)
      codes.push(await unsealer.open(salt).catch((error: unknown) => (error as { code: string }).code))
    expect(codes).toEqual([...Array.from({ length: 4 }, () => 'wrong_passphrase'), 'sealed_text_invalid'])
  })
})

describe('what is a credential', () => {
  it('is known by the name of its header, and in URLs', () => {
    for (const name of [
      'Authorization',
      'cookie',
      'Set-Cookie',
      'X-Api-Key',
      'apikey',
      'X-Access-Token',
      'X-Hub-Signature-256',
      'X-Auth',
    ])
      expect(isSensitiveHeader(name), name).toBe(true)
    for (const name of ['Content-Type', 'X-Leadpush-Delivery', 'User-Agent', 'Keep-Alive', 'X-Request-Id'])
      expect(isSensitiveHeader(name), name).toBe(false)
    for (const url of ['https://u:p@h/', 'http://h/?a=1&token=x', 'http://h/?api_key=1#f'])
      expect(carriesCredentials(url), url).toBe(true)
    for (const url of ['https://h/@u', 'http://h/?a=1&token=', '{{ receiver.url }}/in/x'])
      expect(carriesCredentials(url), url).toBe(false)
  })
})
