import { readFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { AppError, invalidInput } from '../../src-shared/errors.ts'
import { instantSchema } from '../../src-shared/model/ids.ts'
import type { JsonObject, JsonValue } from '../../src-shared/model/json.ts'
import { describeFileError } from '../storage/file-system.ts'

/** Reading what the command line gives: numbers, files, secrets, `--set path=value`. Errors are one sentence. */

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^-?\d+$/.test(text.trim()) || value < least || value > most) {
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`)
    }
    return value
  }
}

/** Names of `known`, separated by commas. */
export function someOf<T extends string>(known: readonly T[]): (text: string) => T[] {
  const one = oneOf(known)
  return (text) => commaList(text).map(one)
}

export function oneOf<T extends string>(known: readonly T[]): (text: string) => T {
  return (text) => {
    const found = known.find((name) => name === text)
    if (found !== undefined) return found
    throw new InvalidArgumentError(`Wanted is ${known.slice(0, -1).join(', ')} or ${known.at(-1)}.`)
  }
}

export function instant(text: string): string {
  const time = instantSchema.safeParse(text)
  if (!time.success) throw new InvalidArgumentError('A time in UTC such as 2026-01-31T12:00:00Z is wanted.')
  return time.data
}

export function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < least || value > most) {
      throw new InvalidArgumentError(`A number from ${least} to ${most} is wanted.`)
    }
    return value
  }
}

/** Collects a repeatable option. */
export function repeated(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** The bytes of a file, or of standard input for `-`. @throws AppError `file_unreadable` */
export async function readInput(file: string): Promise<Buffer> {
  if (file === '-') {
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  }
  try {
    return await readFile(file)
  } catch (cause) {
    throw new AppError('file_unreadable', { file, reason: describeFileError(cause) }, { cause })
  }
}

/** The event's data: a JSON object from `--data`, with `--set path=value` over it; undefined when neither is given. */
export async function readData(
  file: string | undefined,
  sets: readonly string[],
): Promise<JsonObject | undefined> {
  if (file === undefined && sets.length === 0) return undefined
  const data = file === undefined ? {} : asObject(file, await readJson(file))
  for (const text of sets) setPath(data, text)
  return data
}

/** A file's JSON. @throws AppError `file_unreadable`, `invalid_input` */
export async function readJson(file: string): Promise<unknown> {
  const text = (await readInput(file)).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('invalid_input', { message: `${file} is not JSON: ${reason}.` }, { cause })
  }
}

function asObject(file: string, value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidInput(`${file} must hold a JSON object.`)
  }
  return value as JsonObject
}

/** `contact.attributes.score=10`: the value is JSON where it parses as such, text otherwise. */
function setPath(data: JsonObject, text: string): void {
  const at = text.indexOf('=')
  const path = text.slice(0, at).split('.')
  if (at < 1 || path.some((part) => part === '' || part === '__proto__')) {
    throw invalidInput(`--set wants path=value, not "${text}".`)
  }
  let target = data
  for (const part of path.slice(0, -1)) {
    const next = target[part]
    target = typeof next === 'object' && next !== null && !Array.isArray(next) ? next : (target[part] = {})
  }
  target[path.at(-1) ?? ''] = jsonOrText(text.slice(at + 1))
}

function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}

/** `K: V` of `--header`, or of another option. */
export function parseHeader(text: string, option = '--header'): { name: string; value: string } {
  const at = text.indexOf(':')
  if (at < 1) throw invalidInput(`${option} wants 'Name: value', not "${text}".`)
  return { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }
}

/**
 * An address beyond loopback has to be wanted twice.
 * @returns true for one that only this machine reaches
 */
export function checkHost(host: string, exposeToNetwork: boolean | undefined): boolean {
  if (loopback.test(host)) return true
  if (exposeToNetwork === true) return false
  throw invalidInput(
    `--host ${host} is reachable from the network; add --expose-to-network if that is wanted.`,
  )
}

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/
