import { describe, expect, it } from 'vitest'
import { indentJson } from '../../../src-renderer/parts/json-text.ts'
import { ago, bytes, count, duration, visible } from '../../../src-renderer/parts/words.ts'
import { formOf } from '../../../src-renderer/features/destinations/destination-form.ts'
import { previewTemplates } from '../../../src-renderer/features/destinations/template-preview.ts'

describe('JSON made readable', () => {
  it('keeps numbers, escapes and double keys as they were sent', () => {
    expect(indentJson('{"a":1.50,"a":1e3,"b":"\\u00e9{,}","c":[],"d":[1,{}]}')).toBe(
      '{\n  "a": 1.50,\n  "a": 1e3,\n  "b": "\\u00e9{,}",\n  "c": [],\n  "d": [\n    1,\n    {}\n  ]\n}',
    )
  })

  it('is null for what is no JSON', () => {
    expect(indentJson('{"a":}')).toBeNull()
  })
})

describe('text from outside', () => {
  it('abuse 18: control characters and marks of direction are made visible', () => {
    expect(visible('\u001b[31m\u202Ea\u0000\u009b\u200b')).toBe('␛[31m‹RLO›a␀‹U+009B›‹ZWSP›')
  })

  it('keeps line ends where lines are shown', () => {
    expect(visible('a\r\n\tb', true)).toBe('a␍\n\tb')
  })
})

describe('numbers as people read them', () => {
  it('counts in the singular and plural', () => {
    expect([count(1, 'delivery', 'deliveries'), count(1200, 'delivery', 'deliveries')]).toEqual([
      '1 delivery',
      '1,200 deliveries',
    ])
  })

  it('writes sizes, durations and times', () => {
    expect([bytes(0), bytes(1536), bytes(26_214_400)]).toEqual(['0 B', '1.5 KiB', '25 MiB'])
    expect([duration(0.4), duration(12), duration(1500), duration(90_000)]).toEqual([
      '< 1 ms',
      '12 ms',
      '1.5 s',
      '1 min 30 s',
    ])
    expect(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:02:10Z'))).toBe('2 min ago')
  })
})

describe('the preview of a destination', () => {
  const form = { ...formOf(null, null), url_template: 'http://a/{{ contact.id }}' }

  it('renders URL, query and body', () => {
    const preview = previewTemplates(
      {
        ...form,
        query_template: [{ name: 'q', value: '{{ contact.name }}' }],
        ownBody: true,
        body_template: 'x {{ contact.id }}',
      },
      { contact: { id: 'a b', name: 'c&d' } },
    )
    expect(preview).toMatchObject({ url: 'http://a/a%20b?q=c%26d', body: 'x a b', errors: [], warnings: [] })
  })

  it('tells unknown variables and where a template can not be saved', () => {
    const preview = previewTemplates({ ...form, headers_template: [{ name: 'X', value: '{{ open' }] }, {})
    expect(preview.errors.map(({ field }) => field)).toEqual(['headers_template.0.value'])
    expect(preview.warnings[0]).toContain('contact.id')
  })

  it('abuse 33: warns when a value could break the JSON of the body, and not with the json filter', () => {
    const root = { contact: { id: '1', name: 'Ada' } }
    const body = (text: string) =>
      previewTemplates({ ...form, ownBody: true, body_template: text }, root).warnings
    expect(body('{"name": "{{ contact.name }}"}')[0]).toContain('stops being JSON')
    expect(body('{"name": {{ contact.name | json }}}')).toEqual([])
  })
})
