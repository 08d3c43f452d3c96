import { describe, expect, it } from 'vitest'
import {
  encodeUrlValue,
  lookUp,
  parseTemplate,
  renderText,
  renderUrl,
  TemplateError,
} from '../../../src-shared/template/template.ts'

const text = (template: string, root: unknown): string => renderText(parseTemplate(template), root)
const url = (template: string, root: unknown): string => renderUrl(parseTemplate(template), root)

function mistake(template: string): TemplateError {
  try {
    parseTemplate(template)
  } catch (error) {
    if (error instanceof TemplateError) return error
  }
  throw new Error(`${template} was parsed`)
}

describe('a template', () => {
  it('inserts strings as they are', () => {
    expect(text('Hello {{ contact.name }}!', { contact: { name: 'Zoë "Z" \n' } })).toBe('Hello Zoë "Z" \n!')
  })

  it('allows white space inside the braces, or none', () => {
    expect(text('{{a}}{{ a }}{{\ta\n}}', { a: 'x' })).toBe('xxx')
  })

  it.each([
    [5, '5'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
    [true, 'true'],
    [false, 'false'],
    [null, ''],
    [undefined, ''],
    ['', ''],
    [{ a: [1, 'two', null] }, '{"a":[1,"two",null]}'],
    [[], '[]'],
  ])('inserts %j as %j', (value, inserted) => {
    expect(text('<{{ value }}>', { value })).toBe(`<${inserted}>`)
  })

  it('reaches into arrays by index', () => {
    const root = { tags: ['a', { name: 'b' }] }
    expect(text('{{ tags.0 }}{{ tags.1.name }}{{ tags.2 }}{{ tags.length }}{{ tags.-1 }}', root)).toBe('ab')
  })

  it('finds keys that hold dots', () => {
    const root = { changes: { after: { 'attributes.first_name': 'Avery' } } }
    expect(text('{{ changes.after.attributes.first_name }}', root)).toBe('Avery')
  })

  it('takes the longest key that matches', () => {
    const root = { a: { b: { c: 'nested' }, 'b.c': 'dotted' }, 'a.b.c': 'whole' }
    expect(lookUp(root, ['a', 'b', 'c'])).toBe('whole')
    expect(lookUp({ a: root.a }, ['a', 'b', 'c'])).toBe('dotted')
    expect(lookUp({ a: { b: root.a.b } }, ['a', 'b', 'c'])).toBe('nested')
    expect(lookUp({ 'a.b': { c: 1 }, a: { 'b.c': 2 } }, ['a', 'b', 'c'])).toBe(1)
  })

  it('does not take a dotted key for a path that only begins like it', () => {
    expect(lookUp({ 'a.b.c': 1, a: { b: 2 } }, ['a', 'b'])).toBe(2)
    expect(lookUp({ 'a.b': 1 }, ['a'])).toBeUndefined()
  })

  it.each([
    '__proto__',
    '__proto__.x',
    'constructor',
    'constructor.name',
    'toString',
    'contact.__proto__.x',
    'contact.constructor.name',
    'contact.name.length',
    'list.length',
    'list.map',
    'hasOwnProperty',
  ])('abuse 32: {{ %s }} is the empty string', (path) => {
    expect(text(`<{{ ${path} }}>`, { contact: { name: 'n' }, list: [1] })).toBe('<>')
  })

  it('abuse 32: reaches nothing through an own key called __proto__', () => {
    const root = JSON.parse('{"__proto__":{"x":"polluted"},"constructor":{"name":"own"}}') as unknown
    expect(text('<{{ __proto__.x }}>', root)).toBe('<>')
    expect(text('<{{ constructor.name }}>', root)).toBe('<own>')
  })

  it('abuse 33: inserts JSON text with quotes and escapes through the json filter', () => {
    const root = { a: 'say "hi"\r\n\u2028🙂\\', n: 1, none: null, o: { k: 'v' } }
    const body = text(
      '{"a":{{ a | json }},"n":{{n|json}},"none":{{ none | json }},"gone":{{ gone | json }},"o":{{ o|json }}}',
      root,
    )
    expect(JSON.parse(body)).toEqual({ ...root, gone: null })
  })

  it.each([
    ['{{', 0],
    ['abc {{ name', 4],
    ['{{ a }} {{ b', 8],
    ['{{ a {{ b }}', 0],
    ['{{ a }', 0],
  ])('says where the braces of %j are not closed', (template, at) => {
    const error = mistake(template)
    expect(error.at).toBe(at)
    expect(error.message).toBe(`the {{ at character ${at + 1} is never closed with }}`)
  })

  it.each([
    ['x{{ }}', 'names no variable'],
    ['{{ | json }}', 'names no variable'],
    ['{{ a b }}', 'more than one path'],
    ['{{ a | upper }}', 'unknown filter'],
    ['{{ a | json | json }}', 'unknown filter'],
    [`{{ ${'a'.repeat(501)} }}`, 'too long a path'],
    [`{{ ${Array.from({ length: 51 }, () => 'a').join('.')} }}`, 'more than 50 keys'],
  ])('refuses %j', (template, reason) => {
    expect(mistake(template).message).toContain(reason)
  })

  it('leaves single braces and closing ones alone', () => {
    expect(text('{ a } }} {"a":{"b":1}}', {})).toBe('{ a } }} {"a":{"b":1}}')
    expect(parseTemplate('{"a":1}').literal).toBe(true)
    expect(parseTemplate('').literal).toBe(true)
  })

  it('does not render what it has inserted', () => {
    expect(text('{{ a }}', { a: '{{ b }}', b: 'no' })).toBe('{{ b }}')
  })
})

describe('a URL template', () => {
  it('percent-encodes values', () => {
    const root = { path: 'a/b c?d#e&f=é🙂', n: 5 }
    expect(url('https://x.example/{{ path }}/{{ n }}', root)).toBe(
      'https://x.example/a%2Fb%20c%3Fd%23e%26f%3D%C3%A9%F0%9F%99%82/5',
    )
  })

  it('inserts the variable that it starts with as it is', () => {
    const root = { receiver: { url: 'http://127.0.0.1:4848' }, id: 'a/b' }
    expect(url('{{ receiver.url }}/in/{{ id }}', root)).toBe('http://127.0.0.1:4848/in/a%2Fb')
    expect(url('x{{ receiver.url }}', root)).toBe('xhttp%3A%2F%2F127.0.0.1%3A4848')
  })

  it('keeps literal text exactly', () => {
    expect(url('https://x/%7e/ü?q=a b', {})).toBe('https://x/%7e/ü?q=a b')
  })

  it('encodes half a surrogate pair as what it is: unreadable', () => {
    expect(encodeUrlValue('a\uD800b')).toBe('a%EF%BF%BDb')
    expect(encodeUrlValue('\uDC00\uD83D\uDE42')).toBe('%EF%BF%BD%F0%9F%99%82')
  })
})

describe('rendering takes time linear in its input', () => {
  const elapsed = (work: () => void): number => {
    const started = performance.now()
    work()
    return performance.now() - started
  }

  it('with a long template', () => {
    const template = '{{ a.b }} text '.repeat(60_000)
    expect(elapsed(() => text(template, { a: { b: 'x' } }))).toBeLessThan(1000)
  })

  it('with many opening braces', () => {
    expect(
      elapsed(() => expect(() => parseTemplate('{{'.repeat(500_000))).toThrow(TemplateError)),
    ).toBeLessThan(500)
    expect(
      elapsed(() => expect(() => parseTemplate(`${'{{a}}'.repeat(200_000)}{{`)).toThrow(TemplateError)),
    ).toBeLessThan(1000)
  })

  it('with long paths through objects whose keys hold dots', () => {
    const keys = Array.from({ length: 50 }, () => 'a')
    let root: Record<string, unknown> = { a: 'end' }
    for (let depth = 1; depth < 50; depth += 1)
      root = { a: root, [[...keys, 'b'].join('.')]: 1, [[...keys.slice(1), 'c'].join('.')]: 1 }
    const template = `{{ ${keys.join('.')} }}`
    expect(text(template, root)).toBe('end')
    const many = Array.from(
      { length: 5000 },
      (_, index) => `{{ ${[...keys.slice(1), `x${index}`].join('.')} }}`,
    ).join('')
    expect(elapsed(() => text(many, root))).toBeLessThan(2000)
  })

  it('with a large object that is inserted many times', () => {
    const root = { list: Array.from({ length: 20_000 }, (_, index) => index) }
    const template = `{{ list }}`.repeat(200)
    expect(elapsed(() => text(template, root))).toBeLessThan(1000)
  })

  it('and refuses to grow beyond all bounds', () => {
    const template = parseTemplate('{{ a }}'.repeat(100))
    expect(() => renderText(template, { a: 'x'.repeat(1_000_000) })).toThrow(
      'renders to more than 32 Mi characters',
    )
    expect(() => renderUrl(template, { a: 'x'.repeat(1_000_000) })).toThrow(TemplateError)
  })
})
