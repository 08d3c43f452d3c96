/** URLs of replays: their parts as written, for parsing would normalise them. */

const url = /^(https?:\/\/[^/?#]*)([^#]*)/i

/** Scheme, host and port of a URL. */
export function originOf(text: string): string {
  return url.exec(text)?.[1] ?? ''
}

/** Path and query of a URL. */
export function targetOf(text: string): string {
  const target = url.exec(text)?.[2] ?? ''
  return target.startsWith('/') ? target : `/${target}`
}

/** Path and query of a request's target; null when it has none (`*`). Bytes above ASCII are percent-encoded one by one. */
export function targetOfRequest(target: string): string | null {
  const path = /^https?:\/\//i.test(target) ? targetOf(target) : target
  if (!path.startsWith('/')) return null
  return path.replace(/[^\x21-\x7e]/g, (character) => {
    const code = character.charCodeAt(0) & 0xff
    return `%${code.toString(16).toUpperCase().padStart(2, '0')}`
  })
}

/** A URL as a name: without its query, which may be long or hold a token. */
export function nameOfUrl(text: string): string {
  const [name = ''] = text.split(/[?#]/, 1)
  return name.length > 200 ? `${name.slice(0, 199)}…` : name
}

/** What is wrong with a URL to replay to, as it stands behind its field's name; null when nothing is. */
export function urlProblem(text: string): string | null {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x20\x7f]/.test(text)) return 'must not hold white space or control characters'
  if (!/^https?:\/\//i.test(text)) return 'must start with http:// or https://'
  if (!URL.canParse(text) || originOf(text).length <= 'https://'.length - 1) return 'is not a URL'
  if (originOf(text).includes('@')) {
    return 'must not hold a user name or password; a captured Authorization header is sent as it was'
  }
  return null
}
