import { createHttpConnection } from './http-connection.ts'
import type { Connection } from './connection.ts'

const loginHash = /^#login=([\w-]+)$/
/** Tells the other tabs of a login: the cookie is theirs too. */
const channelName = 'hookbench-session'

/** The page's connection; goes on by itself after a login in this tab or in another one. */
export function createPageConnection(): Connection {
  const connection = createHttpConnection({
    baseUrl: `${location.origin}/api/v1`,
    fetch: (input, init) => fetch(input, init),
    pause,
  })
  const channel = new BroadcastChannel(channelName)
  channel.addEventListener('message', () => connection.wake())
  // The link is opened in a tab that already has the page: nothing is loaded then, only the hash changes.
  addEventListener('hashchange', () => {
    void logIn().then((changed) => changed && connection.wake())
  })
  addEventListener('focus', () => connection.wake())
  addEventListener('online', () => connection.wake())
  return connection
}

function pause(ms: number, wake: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const end = (): void => {
      clearTimeout(timer)
      resolve()
    }
    wake.addEventListener('abort', end, { once: true })
  })
}

const lastPlaceKey = 'hookbench.place'

/** Remembers where the page is, so that a login link leads back there. */
export function rememberPlace(): void {
  if (!loginHash.test(location.hash)) sessionStorage.setItem(lastPlaceKey, location.hash)
}

/**
 * Exchanges the login link's one-time code for the session's cookie and takes it out of the address.
 * @returns false when the address has no code, or a spent one
 */
export async function logIn(): Promise<boolean> {
  const code = loginHash.exec(location.hash)?.[1]
  if (code === undefined) return false
  history.replaceState(null, '', `${location.pathname}${sessionStorage.getItem(lastPlaceKey) ?? ''}`)
  dispatchEvent(new HashChangeEvent('hashchange'))
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  if (!response.ok) return false
  const channel = new BroadcastChannel(channelName)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target
  channel.postMessage('logged in')
  channel.close()
  return true
}
