import type { HmacVerification, SignedPart, Verification } from './verification.ts'

/** What a language's file makes a program of. */
export interface SnippetSubject {
  /** The provider's name. */
  readonly provider: string
  readonly verification: Verification
  /** Where a delivery's id stands, for the comment on repeated ones. */
  readonly deliveryId: string | null
  /** The command line, without the secret. */
  readonly run: string
}

/** What a receiver takes before it knows the sender: more than any provider sends. */
export const maxBodyMebibytes = 25

/** One language: how its file is called, how it is run, and the program itself. */
export interface SnippetLanguage {
  readonly fileName: string
  /** Other names under which the file runs. */
  readonly fileNames: RegExp
  /** The command line, without the secret. */
  readonly run: (file: string) => string
  /** What has to be installed, as the end of a sentence. */
  readonly needs: string
  readonly write: (subject: SnippetSubject) => string
}

type Line = string | null | false | readonly Line[]

/** The lines that are there, each with a line break. */
export function program(...lines: readonly Line[]): string {
  return lines
    .flatMap(present)
    .map((line) => `${line}\n`)
    .join('')
}

function present(line: Line): string[] {
  if (line === null || line === false) return []
  return typeof line === 'string' ? [line] : line.flatMap(present)
}

/** The lines at the top of a program: what it does, how it is run. */
export function about(
  { provider, verification, run }: SnippetSubject,
  needs: string,
  port = 'The port is 3000, or what PORT says.',
): string[] {
  const sign = verification.kind === 'hmac' ? 'is signed with' : 'carries'
  return [
    `Receives webhooks of ${provider}. Answers 200 to what ${sign} the secret,`,
    `and 401 to everything else; 413 to more than ${maxBodyMebibytes} MiB.`,
    '',
    `    WEBHOOK_SECRET=... ${run}`,
    '',
    `Needs ${needs}.`,
    ...(port === '' ? [] : [port]),
  ]
}

/** The comment where the work goes. */
export function workHere({ deliveryId }: SnippetSubject): string[] {
  return [
    'Authentic: parse the body and do the work here,',
    'or better, queue it and answer at once.',
    ...(deliveryId === null
      ? ['The same event may come again: do the work once.']
      : [`It may come again, with the same ${deliveryId}: do the work once.`]),
  ]
}

/** The signed text before the body as one interpolated string's content. */
export function interpolated(parts: readonly SignedPart[], variable: (name: string) => string): string {
  return parts.map((part) => (typeof part === 'string' ? variable(part) : part.literal)).join('')
}

/** The same as a sum of variables and quoted literals, for languages without interpolation. */
export function summed(parts: readonly SignedPart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : `"${part.literal}"`)).join(' + ')
}

/** True when the timestamp that is checked is at hand before the signature is. */
export function hasHeaderTimestamp({ timestampHeader, shape }: HmacVerification): boolean {
  return timestampHeader !== null || shape.kind === 'fields'
}

/** True when the age of a request is checked, by a header or by its body. */
export function checksAge(verification: Verification): verification is HmacVerification {
  return (
    verification.kind === 'hmac' && (hasHeaderTimestamp(verification) || verification.timestampField !== null)
  )
}

/** True when the body has to be read as JSON. */
export function readsJson(verification: Verification): boolean {
  return verification.kind === 'shared_secret' || verification.timestampField !== null
}
