import { z } from 'zod'

/** A header as it stood on the wire: name in its case, value as text (bytes above 127 as latin-1). */
export const headerSchema = z.tuple([z.string(), z.string()])
export type Header = readonly [name: string, value: string]

/** The values of all headers of this name, in order. `name` in any case. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  const wanted = name.toLowerCase()
  const values: string[] = []
  for (const [other, value] of headers) if (isNamed(other, wanted)) values.push(value)
  return values
}

/** The first value of a header, or undefined. `name` in any case. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  const wanted = name.toLowerCase()
  return headers.find(([other]) => isNamed(other, wanted))?.[1]
}

/** Most headers are told apart by their length, without making a text in lower case. */
function isNamed(name: string, lowerCase: string): boolean {
  return name.length === lowerCase.length && name.toLowerCase() === lowerCase
}
