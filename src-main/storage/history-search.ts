import type { Change, Page, PageQuery } from '../engine/store.ts'
import type { SearchPhrase } from '../engine/search-query.ts'
import { SearchIndex, type Searched, type SearchSource } from './search-index.ts'

/** Searches the history page by page, over an index that is made when it is first wanted. */
export class HistorySearch {
  readonly #source: SearchSource
  #index: Promise<SearchIndex> | null = null
  /** The same once it is there: on the hot path nothing waits. */
  #noting: SearchIndex | null = null

  constructor(source: SearchSource) {
    this.#source = source
  }

  /** The database is another one: the index is made anew when it is wanted again. */
  forget(): void {
    this.#noting?.close()
    this.#noting = null
    this.#index = null
  }

  note(changes: readonly Change[]): void {
    if (this.#noting === null) return
    for (const change of changes) noteChange(this.#noting, change)
  }

  noteRow(kind: Searched, id: string): void {
    this.#noting?.note(kind, id)
  }

  /**
   * A page of what holds all phrases, what changed last first.
   * @param find of these ids, those that the other filters let through
   */
  async page<T extends { readonly id: string }>(
    kind: Searched,
    phrases: readonly SearchPhrase[],
    { cursor, limit }: PageQuery,
    find: (ids: readonly string[]) => Page<T>,
  ): Promise<Page<T>> {
    const index = await this.#open()
    try {
      return await pageOf(index, kind, phrases, { cursor, limit }, find)
    } finally {
      // A failure of the rest comes again with the search that needs it.
      index.fill().catch(() => undefined)
    }
  }

  async #open(): Promise<SearchIndex> {
    if (this.#noting?.worn === true) this.forget()
    this.#index ??= SearchIndex.open(this.#source)
    const opening = this.#index
    const index = await opening
    if (this.#index === opening && this.#noting === null) {
      // In one go: nothing is written between being listed and being noted.
      this.#noting = index
      index.noteAll()
    }
    return index
  }
}

function noteChange(index: SearchIndex, change: Change): void {
  switch (change.kind) {
    case 'delivery.insert':
    case 'delivery.update':
      index.note('deliveries', change.delivery.id)
      return
    case 'attempt.insert':
      index.note('deliveries', change.deliveryId)
      return
    case 'capture.insert':
      index.note('captures', change.capture.id)
      return
    case 'capture.verdict':
    case 'capture.marks':
      index.note('captures', change.id)
      return
    default:
  }
}

async function pageOf<T extends { readonly id: string }>(
  index: SearchIndex,
  kind: Searched,
  phrases: readonly SearchPhrase[],
  { cursor, limit }: PageQuery,
  find: (ids: readonly string[]) => Page<T>,
): Promise<Page<T>> {
  const items: T[] = []
  let last = cursor === null ? Number.MAX_SAFE_INTEGER : Number(cursor)
  let before = last
  for (let wanted = limit + 1; ; wanted = Math.min(wanted * 4, 2000)) {
    const hits = await index.search(kind, phrases, before, wanted)
    const ids = hits.filter(({ current }) => current).map(({ id }) => id)
    const found = new Map(find(ids).items.map((item) => [item.id, item]))
    for (const { row, id, current } of hits) {
      const item = current ? found.get(id) : undefined
      if (item === undefined) continue
      if (items.length === limit) return { items, nextCursor: String(last) }
      items.push(item)
      last = row
    }
    if (hits.length < wanted) return { items, nextCursor: null }
    before = hits.at(-1)?.row ?? 0
  }
}
