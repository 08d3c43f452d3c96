const absoluteForm = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i
const endpointPath = /^\/in\/([^/?#]+)/

/**
 * The endpoint that a request target addresses: every path at or below `/in/<slug>` is that endpoint's.
 * Null for everything else, which belongs to the inbox. `target` as received: origin form or absolute form,
 * with or without a query, percent signs in any state.
 */
export function endpointSlug(target: string): string | null {
  const path = target.startsWith('/') ? target : target.replace(absoluteForm, '')
  const slug = endpointPath.exec(path)?.[1]
  if (slug === undefined) return null
  try {
    const decoded = decodeURIComponent(slug)
    // `/in/a%2Fb` is one segment: it must not pass for endpoint `a`, nor for a path below it.
    return decoded.includes('/') ? null : decoded
  } catch {
    return null
  }
}
