import type { PushMessage } from '../../src-shared/api/push-events.ts'
import type { Feed } from './feed.ts'
import type { HistoryKind } from './history-actions.ts'
import { createListStore, type Filter, type ListSource, type ListStore } from './list-store.ts'
import type { Row, RowChange } from './live-rows.ts'

/** What deliveries and captures differ in, as far as their live lists are concerned. */
export interface History<Summary extends Row, R extends Row> {
  readonly of: HistoryKind
  /** The one that arrived or changed; null: the message is about something else. */
  readonly told: (message: PushMessage) => Summary | null
  readonly row: (summary: Summary) => R
  /** ISO 8601: what the filter `since` means. */
  readonly at: (summary: Summary) => string
  /** The other filters that this page can decide, by their names in the address. */
  readonly filters: Readonly<Record<string, (summary: Summary) => string | null>>
  readonly page: ListSource<R>['page']
}

/** The names under which filters stand in the address. */
export function filterNames({ filters }: Pick<History<never, Row>, 'filters'>): readonly string[] {
  return [...Object.keys(filters), 'since', 'q']
}

/** True, false, or null where only the engine knows. */
export function matches<Summary extends Row>(
  { filters, at }: Pick<History<Summary, Row>, 'filters' | 'at'>,
  summary: Summary,
  filter: Filter,
): boolean | null {
  for (const [name, wanted] of Object.entries(filter)) {
    const value = filters[name]?.(summary)
    if (value !== undefined && (value === null || !wanted.split(',').includes(value))) return false
  }
  const { since, q } = filter
  if (since !== undefined && at(summary) < since) return false
  return q === undefined ? true : null
}

/** A list of the history that follows the feed. */
export function createHistoryStore<Summary extends Row, R extends Row>(
  history: History<Summary, R>,
  feed: Feed,
): ListStore<R> {
  const store = createListStore<R>({ page: history.page })
  feed.listen((messages) => {
    const { filter, status, reload } = store.getState()
    if (status === 'idle') return
    const changes: RowChange<R>[] = []
    const unsure: string[] = []
    for (const message of messages) {
      const summary = history.told(message)
      if (summary !== null) {
        const fits = matches(history, summary, filter)
        if (fits === null) unsure.push(summary.id)
        else changes.push({ id: summary.id, row: fits ? history.row(summary) : null })
      } else for (const id of removedIds(message, history.of)) changes.push({ id, row: null })
    }
    store.take(changes, unsure)
    const why = reasonToReload(messages, history.of)
    if (why !== null) void reload(why === 'restored' ? why : undefined)
  })
  return store
}

function removedIds(message: PushMessage, of: HistoryKind): readonly string[] {
  if (message.event !== 'history' || message.data.of !== of) return []
  return message.data.change === 'removed' ? (message.data.ids ?? []) : []
}

function reasonToReload(messages: readonly PushMessage[], of: HistoryKind): 'missed' | 'restored' | null {
  const changes = messages.flatMap((message) =>
    message.event === 'history' && message.data.of === of ? [message.data] : [],
  )
  if (changes.some(({ change }) => change === 'restored')) return 'restored'
  const missed = messages.some(({ event }) => event === 'reset') || changes.some(({ ids }) => ids === null)
  return missed ? 'missed' : null
}
