import { readFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { AppError, invalidInput } from '../../src-shared/errors.ts'
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

export interface SecretOptions {
  readonly secret?: string[]
  readonly secretFile?: string
}

/** Secrets from `--secret`, `--secret-file` or HOOKBENCH_SECRET, in this order; none when none is given. */
export async function readSecrets(options: SecretOptions): Promise<string[]> {
  const secrets = [...(options.secret ?? [])]
  if (options.secretFile !== undefined) {
    // A line break at the end is the editor's, not the secret's.
    secrets.push((await readInput(options.secretFile)).toString('utf8').replace(/\r?\n$/, ''))
  }
  const fromEnvironment = process.env['HOOKBENCH_SECRET']
  if (secrets.length === 0 && fromEnvironment !== undefined) secrets.push(fromEnvironment)
  if (secrets.some((secret) => secret === '')) throw invalidInput('The secret is empty.')
  return secrets
}

/** The event's data: a JSON object from `--data`, with `--set path=value` over it; undefined when neither is given. */
export async function readData(
  file: string | undefined,
  sets: readonly string[],
): Promise<JsonObject | undefined> {
  if (file === undefined && sets.length === 0) return undefined
  const data = file === undefined ? {} : parseObject(file, (await readInput(file)).toString('utf8'))
  for (const text of sets) setPath(data, text)
  return data
}

function parseObject(file: string, text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('invalid_input', { message: `${file} is not JSON: ${reason}.` }, { cause })
  }
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

/** `K: V` of `--header`. */
export function parseHeader(text: string): { name: string; value: string } {
  const at = text.indexOf(':')
  if (at < 1) throw invalidInput(`--header wants 'Name: value', not "${text}".`)
  return { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }
}

/** Addresses that only this machine reaches. */
export const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/
