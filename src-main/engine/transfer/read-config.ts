import { messageOf } from '../../../src-shared/api/input-messages.ts'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import { configFileSchema, mostConfigBytes, type ConfigFile } from '../../../src-shared/model/config-file.ts'
import { lineOf, plainOf, type Located, type Path } from './located.ts'
import { readJson } from './read-json.ts'
import { readYaml } from './read-yaml.ts'
import { isSealedText } from './sealed-text.ts'
import { referenceName } from './secrets.ts'
import { isSensitiveHeader, isSensitiveParameter } from './sensitive.ts'

/** A configuration file that has the right form; whether it fits what there is comes later. */
export interface ReadConfig {
  readonly file: ConfigFile
  readonly problems: Problems
}

const mostProblems = 20

/** Collects what is wrong with a file, each with path and line. */
export class Problems {
  readonly #document: Located
  readonly #found: { readonly path: string; readonly line: number; readonly message: string }[] = []

  constructor(document: Located) {
    this.#document = document
  }

  add(path: Path, message: string, at: Path = path): void {
    const line = lineOf(this.#document, at)
    this.#found.push({ path: path.map(String).join('.'), line, message: message.replace(/\.$/, '') })
  }

  /** Runs a check of the API's own handlers; what it refuses is a problem at this place of the file. */
  within<T>(path: Path, check: () => T): T | undefined {
    try {
      return check()
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'secrets_unavailable') throw error
      for (const field of error.fields) this.add([...path, ...field.path.split('.')], field.message)
      if (error.fields.length === 0) this.add(path, error.message)
      return undefined
    }
  }

  /** @throws AppError `invalid_input`, if there are any */
  refuse(): void {
    if (this.#found.length === 0) return
    const shown = this.#found.slice(0, mostProblems)
    const sentences = shown.map(
      ({ path, line, message }) => `Line ${line}, ${path || 'the file'}: ${message}.`,
    )
    const more = this.#found.length - shown.length
    throw invalidInput(
      [...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(' '),
      shown.map(({ path, line, message }) => ({ path, message: `line ${line}: ${message}` })),
    )
  }
}

/**
 * Reads a file in the form of `hookbench.config/v1`, as YAML or JSON (by its content unless told).
 * @throws AppError `invalid_input` with lines and paths
 */
export function readConfig(given: string, format?: 'yaml' | 'json'): ReadConfig {
  if (Buffer.byteLength(given) > mostConfigBytes)
    throw invalidInput(`A configuration file has ${mostConfigBytes} bytes at most; this one is larger.`)
  const text = given.replace(/^\ufeff/, '')
  const isJson = format === undefined ? /^\s*[{[]/.test(text) : format === 'json'
  const document = isJson ? readJson(text) : readYaml(text)
  const problems = new Problems(document)
  const parsed = configFileSchema.safeParse(plainOf(document), { error: messageOf })
  for (const issue of parsed.error?.issues ?? []) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
    for (const key of keys) problems.add([...issue.path, key], 'is not known here')
    if (keys.length === 0) problems.add(issue.path, issue.message)
  }
  problems.refuse()
  if (parsed.data === undefined) throw new Error('a refused file without a problem')
  return { file: parsed.data, problems }
}

/** A place of the file where a secret may stand, or a credential that is part of a request. */
export interface SecretPlace {
  readonly path: Path
  readonly text: string
  /** Nothing else may stand there. */
  readonly isSecret: boolean
}

/** Every such place, in the file's order. */
export function* secretPlaces(file: ConfigFile): Generator<SecretPlace> {
  for (const [w, workspace] of (file.workspaces ?? []).entries()) {
    for (const [d, destination] of (workspace.destinations ?? []).entries()) {
      const path = ['workspaces', w, 'destinations', d]
      const { secret, previous_secret: previous, tls, url_template: url } = destination
      if (url !== undefined) yield place([...path, 'url_template'], url, false)
      for (const [i, { name, value }] of (destination.headers_template ?? []).entries())
        if (isSensitiveHeader(name)) yield place([...path, 'headers_template', i, 'value'], value, false)
      for (const [i, { name, value }] of (destination.query_template ?? []).entries())
        if (isSensitiveParameter(name)) yield place([...path, 'query_template', i, 'value'], value, false)
      if (tls?.client_key) yield place([...path, 'tls', 'client_key'], tls.client_key, true)
      if (secret) yield place([...path, 'secret'], secret, true)
      if (previous) yield place([...path, 'previous_secret', 'value'], previous.value, true)
    }
  }
  for (const [e, endpoint] of (file.endpoints ?? []).entries()) {
    const path = ['endpoints', e]
    for (const [i, url] of (endpoint.forward_to ?? []).entries())
      yield place([...path, 'forward_to', i], url, false)
    for (const [i, { value }] of (endpoint.secrets ?? []).entries())
      yield place([...path, 'secrets', i, 'value'], value, true)
    for (const [i, [name, value]] of (endpoint.answer?.headers ?? []).entries())
      if (isSensitiveHeader(name)) yield place([...path, 'answer', 'headers', i, 1], value, false)
  }
}

function place(path: Path, text: string, isSecret: boolean): SecretPlace {
  return { path, text, isSecret }
}

/** The names of the file's `${NAME}` references, each once. */
export function referencesOf(file: ConfigFile): string[] {
  const names = [...secretPlaces(file)].map(({ text }) => referenceName(text))
  return [...new Set(names.filter((name) => name !== null))]
}

/** The texts of the file that need its passphrase. */
export function sealedTextsOf(file: ConfigFile): string[] {
  return [...secretPlaces(file)].flatMap(({ text }) => (isSealedText(text) ? [text] : []))
}
