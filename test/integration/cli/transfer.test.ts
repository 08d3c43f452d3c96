import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { hookbench, type Finished } from '../../support/run-command-line.ts'
import { serveInstance } from '../../support/served-instance.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-transfer-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string): string => join(folder, name)

function run(given: readonly string[], environment: NodeJS.ProcessEnv = {}, input = ''): Finished {
  return hookbench([...given, '--data-dir', file('data')], { environment, input })
}

const secretName = 'LEADPUSH_LOCAL_RECEIVER_SECRET'

describe('lists on the command line', () => {
  it('are written as JSON lines and CSV, by the filter; a format of one request is refused', () => {
    for (const type of ['contact.created', 'contact.deleted']) run(['trigger', type])
    const all = run(['export', 'deliveries'])
    expect(all, all.stderr).toMatchObject({ code: 0 })
    expect(all.stdout.trimEnd().split('\n')).toHaveLength(2)
    const path = file('deleted.csv')
    run(['export', 'deliveries', '--type', 'contact.deleted', '--format', 'csv', '--output', path])
    expect(readFileSync(path, 'utf8').trimEnd().split('\r\n')).toEqual([
      expect.stringMatching(/^id,/),
      expect.stringContaining(',contact.deleted,'),
    ])
    const refused = run(['export', 'captures', '--format', 'curl'])
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toContain('jsonl, csv, har')
  })
})

describe('export and import on the command line', () => {
  it('write the configuration, show the plan of a changed file, and apply it', () => {
    const path = file('config.yaml')
    const exported = run(['export', 'config', '--output', path])
    expect(exported, exported.stderr).toMatchObject({ code: 0, stdout: `wrote ${path}\n` })
    const text = readFileSync(path, 'utf8')
    expect(text).toContain(`secret: \${${secretName}}`)
    // `config` is what is exported unless told.
    expect(run(['export']).stdout).toBe(text)
    const unchanged = run(['import', path])
    expect(unchanged, unchanged.stderr).toMatchObject({ code: 0 })
    expect(unchanged.stdout).toBe(
      `= 6 unchanged\nnot set here, so kept as it is: \${${secretName}}\nNothing changes.\n`,
    )
    writeFileSync(
      path,
      text
        .replace('timeout_seconds: 10', 'timeout_seconds: 20')
        .replace('  - slug: sample', '  - slug: other\n    name: Other\n  - slug: sample')
        .replace(/ {8}subscriptions:[^]*?(?=endpoints:)/, '        subscriptions: []\n'),
    )
    const planned = [
      '~ destination Local receiver in Sample workspace',
      '    timeout_seconds: 10 -> 20',
      '    secret: "(set)" -> "(another)"',
      '+ endpoint other',
      '- subscription All contact events in Local receiver in Sample workspace',
      '= 4 unchanged',
    ].join('\n')
    const environment = { [secretName]: 'a-secret-of-mine-1' }
    expect(run(['import', path, '--dry-run', '--prune'], environment).stdout).toBe(
      `${planned}\nWould import: 1 created, 1 changed, 1 deleted.\n`,
    )
    expect(run(['export']).stdout).toBe(text)
    expect(run(['import', path, '--prune'], environment).stdout).toBe(
      `${planned}\nImported: 1 created, 1 changed, 1 deleted.\n`,
    )
    expect(run(['import', path, '--prune', '--json'], environment).stdout).not.toContain('"change"\n')
    const again = JSON.parse(
      run(['import', '-', '--prune', '--json'], environment, readFileSync(path, 'utf8')).stdout,
    ) as { counts: object }
    expect(again).toMatchObject({ applied: true, counts: { create: 0, change: 0, delete: 0 } })
  })

  it('do the same through a running instance', async () => {
    const instance = await serveInstance()
    onTestFinished(() => instance.stop().then(() => undefined))
    const served = (given: readonly string[], environment: NodeJS.ProcessEnv = {}): Finished =>
      hookbench([...given, '--data-dir', instance.folder], { environment })
    const path = file('config.json')
    expect(served(['export', '--output', path]).code).toBe(0)
    const text = readFileSync(path, 'utf8')
    expect(JSON.parse(text)).toMatchObject({ version: 'hookbench.config/v1' })
    expect(run(['export', '--format', 'json']).stdout).toBe(text)
    writeFileSync(path, text.replace('"max_age_days": 30', '"max_age_days": 3'))
    expect(served(['import', path]).stdout).toContain('max_age_days: 30 -> 3')
    expect((await instance.client.call('settings.get', {})).max_age_days).toBe(3)
    expect(served(['import', path]).stdout).toContain('Nothing changes.')
    const [capture] = JSON.parse(
      hookbench(['captures', 'import', '-', '--json', '--data-dir', instance.folder], {
        input: 'GET /x HTTP/1.1\r\nHost: h\r\nAuthorization: Basic c2VjcmV0\r\n\r\n',
      }).stdout,
    ) as { id: string }[]
    const curl = served(['export', 'captures', capture?.id ?? ''])
    expect(curl.stdout).toMatch(/^# Masked by Hookbench[^]*'http:\/\/h\/x'\n$/)
    expect(curl.stdout).not.toContain('c2VjcmV0')
    const whole = served([
      'export',
      'captures',
      capture?.id ?? '',
      '--include-secrets',
      '--format',
      'http',
      '--output',
      file('c.http'),
    ])
    expect(whole.code, whole.stderr).toBe(0)
    expect(readFileSync(file('c.http'), 'utf8')).toBe(
      'GET /x HTTP/1.1\r\nHost: h\r\nAuthorization: Basic c2VjcmV0\r\n\r\n',
    )
    expect(statSync(file('c.http')).mode & 0o777).toBe(0o600)
  })

  it('abuse 39: a file with encrypted secrets is readable by its owner only', () => {
    const path = file('sealed.yaml')
    writeFileSync(path, 'something before')
    chmodSync(path, 0o644)
    writeFileSync(file('passphrase'), 'correct horse battery\n')
    const exported = run(['export', '--output', path, '--passphrase-file', file('passphrase')])
    expect(exported, exported.stderr).toMatchObject({ code: 0 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const other = (given: readonly string[], environment: NodeJS.ProcessEnv = {}): Finished =>
      hookbench([...given, '--data-dir', file('other')], { environment })
    expect(other(['import', path])).toMatchObject({ code: 2 })
    const wrong = other(['import', path], { HOOKBENCH_PASSPHRASE: 'wrong' })
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('This passphrase does not open')
    expect(other(['import', path, '--passphrase-file', file('passphrase')]).code).toBe(0)
    expect(run(['import', path], { HOOKBENCH_PASSPHRASE: 'correct horse battery' }).stdout).toContain(
      'Nothing changes.',
    )
  })

  it('abuse 28: refuse a file that never ends, without reading it whole, and one that is no text', () => {
    const endless = run(['import', '/dev/zero'])
    expect(endless).toMatchObject({ code: 2, stdout: '' })
    expect(endless.stderr).toContain('larger than a configuration may be')
    writeFileSync(file('binary'), Buffer.from([0xff, 0xfe, 0x00]))
    expect(run(['import', file('binary')]).stderr).toContain('is not UTF-8 text')
    expect(run(['import', file('absent')]).stderr).toContain("Can't read")
    const broken = run(['import', '-'], {}, 'version: hookbench.config/v1\nendpoint: []\n')
    expect(broken).toMatchObject({ code: 2, stderr: 'hookbench: Line 2, endpoint: is not known here.\n' })
  })

  it('say what is missing: a folder that can not be written, a secret, an id', () => {
    expect(run(['export', '--output', file('no/such/folder')])).toMatchObject({ code: 2 })
    const config =
      'version: hookbench.config/v1\nendpoints: [{slug: a, secrets: [{name: s, value: "${MY_SECRET}"}]}]\n'
    const missing = run(['import', '-'], { MY_SECRET: undefined }, config)
    expect(missing).toMatchObject({ code: 2 })
    expect(missing.stderr).toContain('no value here: MY_SECRET.')
    expect(run(['import', '-'], { MY_SECRET: 'x' }, config).stdout).toContain('+ endpoint a')
    expect(run(['export', 'captures', 'nothing']).stderr).toContain('There is no capture nothing')
    expect(run(['export', 'deliveries', 'x', '--format', 'pdf'])).toMatchObject({ code: 2 })
  })
})
