/** What of a request is a credential by its name. Providers' signature headers are known apart from these. */
const headerPattern =
  /^(proxy-)?authorization$|^(set-)?cookie2?$|api-?_?key|access-?_?key|secret|token|passw(or)?d|signature|hmac|credential|^x-auth/i
const parameterPattern =
  /^(key|sig|auth|pass|pw|pwd|code|session|sid)$|api-?_?key|access-?_?key|secret|token|passw(or)?d|signature|hmac|credential/i

export function isSensitiveHeader(name: string): boolean {
  return headerPattern.test(name)
}

export function isSensitiveParameter(name: string): boolean {
  return parameterPattern.test(decoded(name))
}

const userinfo = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*@)/i

/** True for a URL, or a template of one, that holds a user's password or a parameter like `token=…`. */
export function carriesCredentials(url: string): boolean {
  return (
    userinfo.test(url) ||
    parametersOf(url).some(([name, value]) => value !== '' && isSensitiveParameter(name))
  )
}

export function withoutUserinfo(url: string): string {
  return url.replace(userinfo, '$1')
}

function parametersOf(url: string): [string, string][] {
  const query = url.split('#', 1)[0]?.split('?').slice(1).join('?') ?? ''
  return query.split('&').map((pair) => {
    const at = pair.indexOf('=')
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  })
}

/** A target or URL with the values of such parameters replaced. */
export function withMaskedParameters(target: string, mask: string): string {
  const start = target.indexOf('?')
  if (start < 0) return target
  const pairs = target.slice(start + 1).split('&')
  const shown = pairs.map((pair) => {
    const at = pair.indexOf('=')
    return at >= 0 && at < pair.length - 1 && isSensitiveParameter(pair.slice(0, at))
      ? `${pair.slice(0, at + 1)}${mask}`
      : pair
  })
  return `${target.slice(0, start + 1)}${shown.join('&')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
