import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'

/** The client of the page: the session's cookie goes along by itself. */
export function createPageClient(): Client {
  return createClient(createHttpTransport(`${location.origin}/api/v1`, (url, init) => fetch(url, init)))
}

/**
 * Exchanges the login link's one-time code for the session's cookie and takes it out of the address.
 * Does nothing when the address has none.
 */
export async function logIn(): Promise<void> {
  const code = /^#login=([\w-]+)$/.exec(location.hash)?.[1]
  if (code === undefined) return
  history.replaceState(null, '', location.pathname)
  await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
}
