import { describe, expect, it } from 'vitest'
import { plainOf } from '../../../src-main/engine/transfer/located.ts'
import { readConfig, referencesOf } from '../../../src-main/engine/transfer/read-config.ts'
import { readJson } from '../../../src-main/engine/transfer/read-json.ts'
import { readYaml } from '../../../src-main/engine/transfer/read-yaml.ts'
import { jsonText, yamlText } from '../../../src-main/engine/transfer/write-config.ts'
import { AppError } from '../../../src-shared/errors.ts'

function refused(text: string, format?: 'yaml' | 'json'): AppError {
  try {
    readConfig(text, format)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was not refused')
}

const head = 'version: hookbench.config/v1\n'

describe('a broken file names line and path', () => {
  it.each([
    ['no version', 'workspaces: []\n', 'Line 1, version: must be "hookbench.config/v1".'],
    ['another version', 'version: hookbench.config/v2\n', 'Line 1, version: must be "hookbench.config/v1".'],
    ['an unknown key', `${head}\nworkspace: []\n`, 'Line 3, workspace: is not known here.'],
    [
      'an unknown key deep within',
      `${head}workspaces:\n  - name: a\n    provider: leadpush\n    destinations:\n      - name: b\n        timeout: 3\n`,
      'Line 7, workspaces.0.destinations.0.timeout: is not known here.',
    ],
    [
      'a wrong kind',
      `${head}settings:\n  concurrency: many\n`,
      'Line 3, settings.concurrency: must be a number.',
    ],
    [
      'out of range',
      `${head}settings:\n\n  concurrency: 0\n`,
      'Line 4, settings.concurrency: must be at least 1.',
    ],
    [
      'a missing key',
      `${head}endpoints:\n  - slug: a\n  - name: b\n`,
      'Line 4, endpoints.1.slug: is missing.',
    ],
    [
      'a wrong slug',
      `${head}endpoints:\n  - slug: A b\n`,
      'Line 3, endpoints.0.slug: may hold lower-case letters',
    ],
    [
      'a wrong reference',
      `${head}endpoints:\n  - slug: a\n    workspace: [1]\n`,
      'Line 4, endpoints.0.workspace: must be a name',
    ],
    ['a key twice', `${head}settings: {}\nsettings: {}\n`, 'Line 3: the key "settings" stands twice.'],
    [
      'wrong indentation',
      `${head}settings:\n  concurrency: 3\n   max_age_days: 3\n`,
      'Line 3: Nested mappings',
    ],
    ['an open quote', `${head}settings: "a\n`, 'Line 2: the text that begins here has no closing quote.'],
    ['an alias', `${head}settings: &s {}\nendpoints: *s\n`, 'Line 2: anchors (&) are not used here'],
    ['a tag', `${head}\nsettings: !!map {}\n`, 'Line 3: tags (!) are not used here'],
    ['two documents', `${head}---\n${head}`, 'Line 2: a second document begins'],
    ['nothing', '', 'Line 1: the file is empty.'],
    ['only a remark', '# nothing\n', 'Line 1: the file is empty.'],
    [
      'not a number',
      `${head}settings:\n  concurrency: .nan\n`,
      'Line 3: .nan is no number that can be used here.',
    ],
    ['text alone', 'hello', 'Line 1, the file: must be an object.'],
    ['deep nesting', `${head}settings:\n  ${'['.repeat(80)}`, 'Line 3: is nested more than 60 levels deep.'],
  ])('YAML: %s', (_what, text, message) => {
    expect(refused(text).message).toContain(message)
  })

  it.each([
    [
      'an unknown key',
      '{\n  "version": "hookbench.config/v1",\n  "workspace": []\n}',
      'Line 3, workspace: is not known here.',
    ],
    [
      'a missing comma',
      '{\n  "version": "hookbench.config/v1"\n  "workspaces": []\n}',
      'Line 3: a comma or } is wanted here, not "\\"".',
    ],
    ['a key twice', '{\n"a": 1,\n"a": 2}', 'Line 3: the key "a" stands twice.'],
    ['a key without quotes', '{\n a: 1}', 'Line 2: a key in quotes is wanted here, not "a".'],
    ['a trailing comma', '{\n"a": [1,\n]}', 'Line 3: a value is wanted here, not "]".'],
    ['an open text', '{\n"a": "x', 'Line 2: the text that begins here has no closing quote.'],
    ['a line break in a text', '{"a": "x\ny"}', 'Line 1: a text holds a line break'],
    ['more behind the end', '{}\n{}', 'Line 2: the end of the file is wanted here, not "{".'],
    ['the end too early', '{"a": [', 'Line 1: a value is wanted here, not the end of the file.'],
    ['a word', '{"a": NaN}', 'Line 1: NaN is no JSON value.'],
    ['a huge number', '{"a": 1e999}', 'Line 1: 1e999 is no number that can be used here.'],
    ['deep nesting', `{"a": ${'['.repeat(80)}`, 'Line 1: is nested more than 60 levels deep.'],
  ])('JSON: %s', (_what, text, message) => {
    expect(refused(text).message).toContain(message)
  })

  it('tells the same in fields, and no more than 20 at once', () => {
    const error = refused(`${head}endpoints: [${'{}, '.repeat(50)}]`)
    expect(error.fields).toHaveLength(20)
    expect(error.fields[0]).toEqual({ path: 'endpoints.0.slug', message: 'line 2: is missing' })
    expect(error.message).toContain('And 30 more.')
  })

  it('abuse 28: `__proto__` is an unknown key like any other', () => {
    for (const text of [
      `${head}__proto__:\n  partial: true\n`,
      `{"version": "hookbench.config/v1", "__proto__": {"partial": true}}`,
    ])
      expect(refused(text).message).toContain('__proto__: is not known here')
  })
})

describe('reading', () => {
  it('knows JSON from YAML by its content, unless told', () => {
    expect(readConfig('\ufeff \n{"version": "hookbench.config/v1"}').file.version).toBe('hookbench.config/v1')
    expect(readConfig('{version: hookbench.config/v1}', 'yaml').file.version).toBe('hookbench.config/v1')
    expect(readConfig(head.replace('\n', '\r\n')).file.version).toBe('hookbench.config/v1')
    expect(refused('{version: hookbench.config/v1}').message).toContain('a key in quotes')
  })

  it('finds references only where secrets can stand', () => {
    const { file } = readConfig(`${head}workspaces:
  - name: \${NO_NAME}
    provider: leadpush
    destinations:
      - name: d
        url_template: \${URL}
        body_template: \${HOME}
        headers_template: [{name: X-A, value: "\${NO_HEADER}"}, {name: Authorization, value: "\${TOKEN}"}]
        secret: \${SECRET}
`)
    expect(referencesOf(file)).toEqual(['URL', 'TOKEN', 'SECRET'])
  })

  it.each(['yaml', 'json'] as const)('brings back every text that %s was written from', (format) => {
    const pieces = [
      'a',
      ' ',
      '\n',
      '\t',
      '\r',
      ':',
      '#',
      '- ',
      '"',
      "'",
      '{{ x }}',
      '\u0000',
      '\u0085',
      '\u2028',
      '\ufeff',
      'é',
      '😀',
      '|',
      '>',
      '&a',
      '*',
      '!',
      '%',
      '@',
      '`',
      '~',
      'null',
      '1',
      '.nan',
      '---',
      '[',
      '}',
      ',',
      '? ',
      '\\',
      '<<',
      '=',
      '\u00a0',
      'true',
      '0x1',
      '1e3',
      '\ud800',
      '${A}',
    ]
    let seed = 1
    const next = (): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed
    }
    for (let count = 0; count < 3000; count += 1) {
      const text = Array.from({ length: next() % 8 }, () => pieces[next() % pieces.length]).join('')
      const value = { a: text, b: [text, { c: text, d: [[text]] }] }
      const written = format === 'yaml' ? yamlText(value, false) : jsonText(value)
      const read = format === 'yaml' ? readYaml(written) : readJson(written)
      expect(plainOf(read), JSON.stringify(text)).toEqual(value)
    }
  })
})
