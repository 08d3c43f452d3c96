import type { Header } from '../../../src-shared/model/header.ts'
import { isChunked } from './raw-http.ts'
import { textOf, type RequestDocument } from './request-document.ts'

/**
 * The request as a curl command for any POSIX shell. curl then sends the same bytes: header order and case,
 * duplicates, empty values, the target as written; a chunked body in chunks of its own.
 *
 * The text is ASCII but for UTF-8 in bodies, so that copying it changes nothing. What comes from the request stands in
 * single quotes; other bytes are octal escapes for `printf`, the only other program that runs.
 */
export function curlCommand(document: RequestDocument): Buffer {
  const { notes, body, httpVersion } = document
  const data = body.length > 0 || isChunked(document) ? dataOf(body) : null
  const parts = [
    `curl -q --noproxy '*' --http${httpVersion === '1.0' ? '1.0' : '1.1'} --path-as-is --globoff`,
    ...methodOptions(document, data !== null),
    ...headerOptions(document, data !== null).map((header) => `-H ${header}`),
    ...(data === null ? [] : [data.option]),
    ...urlOptions(document),
  ]
  const comments = notes.map((note) => `# ${note}\n`).join('')
  return Buffer.from(`${comments}${data?.pipe ?? ''}${parts.join(' \\\n  ')}\n`)
}

/** Longer arguments are refused by some systems; Linux takes 128 KiB. */
const longestArgument = 100_000

function dataOf(body: Uint8Array): { readonly option: string; readonly pipe: string } {
  const text = body.length <= longestArgument ? textOf(body) : null
  // eslint-disable-next-line no-control-regex -- terminals and shells change them when they are pasted
  if (text !== null && !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text))
    return { option: `--data-raw ${quoted(text)}`, pipe: '' }
  return { option: '--data-binary @-', pipe: `printf ${printfFormat(body)} | ` }
}

function methodOptions({ method }: RequestDocument, hasBody: boolean): string[] {
  if (method === 'GET' && !hasBody) return []
  // Otherwise curl would wait for the body that the answer's length promises.
  if (method === 'HEAD' && !hasBody) return ['--head']
  return [`-X ${/^[A-Z]+$/.test(method) ? method : word(method)}`]
}

/** Headers that curl adds by itself when they are not given. */
const curlsOwn = ['User-Agent', 'Accept']

function headerOptions(document: RequestDocument, hasBody: boolean): string[] {
  const { headers } = document
  const has = (name: string): boolean => headers.some(([other]) => other.toLowerCase() === name.toLowerCase())
  const suppressed = [...curlsOwn, ...(hasBody ? ['Content-Type', 'Expect'] : [])].filter(
    (name) => !has(name),
  )
  // curl writes Host first and in its own case, unless it is told to send none: then it takes ours for any header.
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host')
  const isUsual = hosts.length === 1 && headers[0]?.[0] === 'Host' && headers[0][1] !== ''
  return [
    ...(isUsual ? [] : [quoted('Host:')]),
    ...headers.map(headerWord),
    ...suppressed.map((name) => quoted(`${name}:`)),
  ]
}

/** curl takes `Name:` for "leave it out"; an empty one is written `Name;`. */
function headerWord([name, value]: Header): string {
  return word(value === '' ? `${name};` : `${name}: ${value}`)
}

function urlOptions({ secure, authority, target }: RequestDocument): string[] {
  const origin = `http${secure ? 's' : ''}://${authority}`
  // curl reads a URL of other characters in its own way.
  if (/^\/[\w\-.~!$&'()*+,;=:@%/?[\]{}]*$/.test(target)) return [quoted(origin + target)]
  return [`--request-target ${word(target)}`, quoted(`${origin}/`)]
}

/** A shell word of latin-1 text. */
function word(text: string): string {
  return /^[\x20-\x7e]*$/.test(text)
    ? quoted(text)
    : `"$(printf ${printfFormat(Buffer.from(text, 'latin1'))})"`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

const escapes = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x25) return '%%'
  if (byte === 0x5c) return '\\\\'
  const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x27
  return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
})

function printfFormat(bytes: Uint8Array): string {
  let format = ''
  for (const byte of bytes) format += escapes[byte] ?? ''
  // At its beginning a hyphen would be an option of printf's.
  return `'${format.startsWith('-') ? `\\055${format.slice(1)}` : format}'`
}
