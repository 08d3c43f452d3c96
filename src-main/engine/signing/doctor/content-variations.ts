import type { ContentPart, SignatureScheme } from '../../../../src-shared/model/scheme.ts'
import type { Variation } from './variation.ts'

/** What is signed, put together from these. Texts are latin-1, one byte a character. */
export interface ContentParts {
  readonly timestamp: string
  readonly id: string
  readonly body: Buffer
}

/** Text before and after the body; null: the body is left out. */
export interface Layout {
  readonly before: string
  readonly hasBody: boolean
  readonly after: string
}

/** The layout of a list of parts with these values. */
export function layoutOf(
  content: readonly ContentPart[],
  { timestamp, id }: Omit<ContentParts, 'body'>,
): Layout {
  const texts = content.map((part) => {
    if (part === 'body') return null
    return part === 'timestamp'
      ? timestamp
      : part === 'id'
        ? id
        : Buffer.from(part.literal).toString('latin1')
  })
  const at = texts.indexOf(null)
  if (at < 0) return { before: texts.join(''), hasBody: false, after: '' }
  return { before: texts.slice(0, at).join(''), hasBody: true, after: texts.slice(at + 1).join('') }
}

type Part = 'timestamp' | 'id' | 'body'
const separators = ['.', '', ':', '\n', '|', ',', ' ', '-', ';']

/** Parts left out, swapped, or joined by something else. */
export function* layoutVariations(
  scheme: SignatureScheme,
  values: Omit<ContentParts, 'body'>,
): Generator<Variation<Layout>> {
  const known = (['timestamp', 'id'] as const).filter((part) => values[part] !== '')
  const right = layoutOf(scheme.content, values)
  const seen = new Set([keyOf(right)])
  for (const { content, how } of arrangements(scheme, known)) {
    const value = layoutOf(content, values)
    if (seen.has(keyOf(value))) continue
    seen.add(keyOf(value))
    yield {
      value,
      change: {
        cause: 'content-layout',
        how: `over ${how}`,
        mend: `Sign ${describe(scheme.content)}.`,
      },
    }
  }
}

function keyOf({ before, hasBody, after }: Layout): string {
  return `${before}\u0000${hasBody}\u0000${after}`
}

interface Arrangement {
  readonly content: readonly ContentPart[]
  readonly how: string
}

function* arrangements(
  scheme: SignatureScheme,
  known: readonly ('timestamp' | 'id')[],
): Generator<Arrangement> {
  const made = (content: readonly ContentPart[]): Arrangement => ({ content, how: describe(content) })
  yield made(['body'])
  // Parts left out of the scheme's own content, with what stands between them and without.
  for (const part of known) {
    const rest = scheme.content.filter((each) => each !== part)
    yield made(rest)
    yield made(
      joined(
        rest.filter((each) => typeof each === 'string'),
        '.',
      ),
    )
  }
  for (const separator of separators) for (const order of orders(known)) yield made(joined(order, separator))
  if (known.includes('timestamp'))
    for (const version of ['v0', 'v1'])
      for (const separator of [':', '.']) {
        const literal = { literal: version + separator }
        yield made([literal, ...joined(['timestamp', 'body'], separator)])
      }
  if (known.length === 2) yield made(joined(['timestamp', 'id'], '.'))
}

/** Every order of the body with some of the others. */
function orders(known: readonly ('timestamp' | 'id')[]): Part[][] {
  const [first, second] = known
  if (first === undefined) return []
  const one = (part: Part): Part[][] => [
    [part, 'body'],
    ['body', part],
  ]
  if (second === undefined) return one(first)
  return [
    [first, second, 'body'],
    [second, first, 'body'],
    ...one(first),
    ...one(second),
    ['body', first, second],
    ['body', second, first],
    [first, 'body', second],
    [second, 'body', first],
  ]
}

function joined(parts: readonly Part[], separator: string): ContentPart[] {
  return parts.flatMap((part, at) => (at === 0 || separator === '' ? [part] : [{ literal: separator }, part]))
}

const words = { timestamp: 'timestamp', id: 'delivery id', body: 'body' }

/** `timestamp.delivery id.body`, in words. */
function describe(content: readonly ContentPart[]): string {
  const [only] = content
  if (content.length === 1 && only === 'body') return 'the body alone'
  const text = content
    .map((part) => (typeof part === 'string' ? `{${words[part]}}` : visible(part.literal)))
    .join('')
  const isBare = content.every((part) => typeof part === 'string')
  return isBare ? `${text}, joined without anything between` : text
}

function visible(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** The timestamp written in another way than it travels. */
export function* timestampVariations(
  scheme: SignatureScheme,
  { timestamp, id }: Omit<ContentParts, 'body'>,
): Generator<Variation<Layout>> {
  if (!scheme.content.includes('timestamp') || !/^\d{1,15}$/.test(timestamp)) return
  const as = (text: string, how: string): Variation<Layout> => ({
    value: layoutOf(scheme.content, { timestamp: text, id }),
    change: {
      cause: 'timestamp-unit',
      how: `with the timestamp ${how} (${text})`,
      mend: 'Send the timestamp in unix seconds, and sign the very text that is sent.',
    },
  })
  const isMilliseconds = timestamp.length >= 13
  const ms = isMilliseconds ? Number(timestamp) : Number(timestamp) * 1000
  const seconds = String(Math.floor(ms / 1000))
  if (isMilliseconds) yield as(seconds, 'in seconds')
  else {
    yield as(String(ms), 'in milliseconds')
    yield as(`${seconds}.0`, 'with decimals')
  }
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return
  const iso = date.toISOString()
  yield as(iso, 'in ISO 8601')
  yield as(iso.replace(/\.\d+Z$/, 'Z'), 'in ISO 8601')
  yield as(iso.replace(/\.\d+Z$/, '+00:00'), 'in ISO 8601')
}
