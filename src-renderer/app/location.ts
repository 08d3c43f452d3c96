import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useLocation, useSearch } from 'wouter'
import type { Filter } from '../stores/list-store.ts'

/** Path and query both stand behind the `#`: the page's files are served under one path, in the desktop app too. */

const hash = (): string => location.hash.replace(/^#\/?/, '/')

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const target = `#${to}`
  if (target === location.hash) return
  history[replace ? 'replaceState' : 'pushState'](null, '', target)
  dispatchEvent(new HashChangeEvent('hashchange'))
}

const pathOf = (): string => hash().split('?', 1)[0] ?? '/'
const searchOf = (): string => hash().split('?')[1] ?? ''

export const useHashPath = Object.assign(
  (): [string, typeof navigate] => [useSyncExternalStore(subscribe, pathOf), navigate],
  { hrefs: (href: string) => `#${href}` },
)
export const useHashSearch = (): string => useSyncExternalStore(subscribe, searchOf)

/** `/deliveries?status=failed`; empty values are left out. */
export function address(path: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, value)
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** The filter in the address, and changing it there. */
export function useFilter(names: readonly string[]): {
  readonly filter: Filter
  readonly query: Filter
  readonly change: (change: Readonly<Record<string, string | undefined>>) => void
} {
  const search = useSearch()
  const [path, go] = useLocation()
  const query = useMemo(() => Object.fromEntries(new URLSearchParams(search)), [search])
  const filter = useMemo(
    () => Object.fromEntries(Object.entries(query).filter(([name]) => names.includes(name))),
    [query, names],
  )
  const change = useCallback(
    (changes: Readonly<Record<string, string | undefined>>) =>
      go(address(path, { ...query, ...changes }), { replace: true }),
    [go, path, query],
  )
  return { filter, query, change }
}
