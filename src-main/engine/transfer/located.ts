import { invalidInput } from '../../../src-shared/errors.ts'

/** A parsed document that still knows on which line everything stood. Lines count from 1. */
export type Located = { readonly line: number } & (
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly items: readonly Located[] }
  | { readonly kind: 'map'; readonly members: ReadonlyMap<string, Member> }
)
export interface Member {
  /** Of the key. */
  readonly line: number
  readonly value: Located
}

export type Path = readonly PropertyKey[]

/** Deeper than any configuration; readers are recursive. */
export const mostLevels = 60
/** Parts of a document: keys, values, and what separates them. */
export const mostParts = 500_000

export function brokenFile(line: number, message: string): Error {
  const fields = [{ path: '', message: `line ${line}: ${message}` }]
  return invalidInput(`Line ${line}: ${message}.`, fields)
}

export const tooDeep = `is nested more than ${mostLevels} levels deep`
export const tooMany = `the file has more than ${mostParts} parts`

/** A number that JSON could carry on without loss. @throws AppError `invalid_input` */
export function soundNumber(value: number, source: string, line: number): number {
  const sound = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  if (!sound) throw brokenFile(line, `${source.slice(0, 40)} is no number that can be used here`)
  return value
}

/** The document as plain data. Keys are own properties, whatever they are called. */
export function plainOf(node: Located): unknown {
  switch (node.kind) {
    case 'value':
      return node.value
    case 'list':
      return node.items.map(plainOf)
    case 'map':
      // fromEntries defines: a key `__proto__` is data like any other.
      return Object.fromEntries([...node.members].map(([key, { value }]) => [key, plainOf(value)]))
  }
}

/** Where a path stands or, if it isn't there, where it would belong. */
export function lineOf(document: Located, path: Path): number {
  let node = document
  let { line } = document
  for (const key of path) {
    if (node.kind === 'map') {
      const member = node.members.get(String(key))
      if (member === undefined) return line
      node = member.value
      line = member.line
    } else if (node.kind === 'list') {
      const item = node.items[Number(key)]
      if (item === undefined) return line
      node = item
      line = item.line
    } else {
      return line
    }
  }
  return line
}
