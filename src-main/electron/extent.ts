import { AppError, invalidInput } from '../../src-shared/errors.ts'

/** As much as the HTTP API takes in one body. */
const mostBytes = 8 * 1024 * 1024
const deepest = 1000

/**
 * Refuses what is too much to be looked at, and what could not come as JSON: a Map or a cycle gets through IPC, and the
 * engine must never meet one. What comes over IPC has no length that could be read first; this walk ends as soon as the
 * limit is reached.
 * @throws AppError `payload_too_large`, `invalid_input`
 */
export function checkExtent(value: unknown): void {
  let bytes = 0
  const take = (more: number): void => {
    bytes += more
    if (bytes > mostBytes) throw new AppError('payload_too_large', { limit_bytes: mostBytes })
  }
  const left: { readonly value: object; readonly depth: number }[] = []
  const look = (each: unknown, depth: number): void => {
    take(typeof each === 'string' ? each.length : 8)
    if (typeof each === 'bigint') throw noJson()
    if (typeof each !== 'object' || each === null) return
    if (!isPlain(each)) throw noJson()
    if (depth > deepest) throw invalidInput(`The input is nested more than ${deepest} levels deep.`)
    left.push({ value: each, depth })
  }
  look(value, 0)
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    // A sparse array's length costs nobody anything but its reader.
    if (Array.isArray(item.value)) take(item.value.length * 8)
    for (const key in item.value) {
      take(key.length)
      look((item.value as Record<string, unknown>)[key], item.depth + 1)
    }
  }
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  // Of another realm, too: only its own prototype's prototype is null.
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    prototype === null ||
    (typeof prototype === 'object' &&
      Object.getPrototypeOf(prototype) === null &&
      Object.hasOwn(prototype, 'hasOwnProperty'))
  )
}

function noJson(): AppError {
  return invalidInput('The input must be what JSON can hold.')
}
