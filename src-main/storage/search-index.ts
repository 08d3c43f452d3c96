import type { Attempt, Delivery } from '../../src-shared/model/delivery.ts'
import type { Capture } from '../../src-shared/model/capture.ts'
import type { Header } from '../../src-shared/model/header.ts'
import type { SearchPhrase } from '../engine/search-query.ts'
import { decodeDoc } from './repositories/delivery-repository.ts'
import { Sqlite, type Row } from './sqlite.ts'

/**
 * The full-text index over the history: headers, URLs, ids and the first 2 KiB of text bodies.
 *
 * It is derived, so it is neither in the journal nor on disk. The first search begins to build it, from the newest
 * things back, and answers as soon as it has found enough; the rest follows a little at a time. From then on it follows
 * what is written. Rows are numbered by age: down from 0 for what was there, up from 1 for what comes. A thing that
 * changed gets a new row; the older one doesn't count any more.
 */

export type Searched = 'deliveries' | 'captures'

/** What the index reads: the database of the moment and the body files. */
export interface SearchSource {
  readonly database: () => Sqlite
  /** The beginning of a body in a file. */
  readonly readStart: (sha256: string, bytes: number) => Promise<Uint8Array | null>
}

export interface SearchHit {
  /** Its place in the index: where the next page goes on. */
  readonly row: number
  readonly id: string
  /** False when the thing has changed since, and has a newer row. */
  readonly current: boolean
}

const textBytes = 2048
/** Things that are indexed before other work gets its turn: some milliseconds. */
const chunk = 25
const kinds: readonly Searched[] = ['deliveries', 'captures']

interface Kind {
  /** By row: which thing it tells of. */
  readonly ids: Map<number, string>
  /** The newest row of each thing. */
  readonly rowOf: Map<string, number>
  /** Written since, and not yet indexed. */
  readonly fresh: Set<string>
  /** What was there at the start and is not yet indexed, the newest at the end. */
  backlog: string[]
  oldestRow: number
  newestRow: number
}

const decoder = new TextDecoder()

export class SearchIndex {
  readonly #source: SearchSource
  readonly #index: Sqlite
  readonly #kinds: Readonly<Record<Searched, Kind>>
  #turn: Promise<void> = Promise.resolve()
  #filling: Promise<void> | null = null
  #closed = false

  private constructor(source: SearchSource, index: Sqlite) {
    this.#source = source
    this.#index = index
    const empty = (): Kind => ({
      ids: new Map(),
      rowOf: new Map(),
      fresh: new Set(),
      backlog: [],
      oldestRow: 1,
      newestRow: 0,
    })
    this.#kinds = { deliveries: empty(), captures: empty() }
  }

  /** An empty index. */
  static async open(source: SearchSource): Promise<SearchIndex> {
    const index = await Sqlite.open()
    for (const kind of kinds) {
      index.run(
        `CREATE VIRTUAL TABLE ${kind} USING fts4(content="", order=desc, tokenize=unicode61, words)`,
        [],
      )
    }
    return new SearchIndex(source, index)
  }

  /** Everything that the source holds is to be indexed. */
  noteAll(): void {
    for (const kind of kinds) {
      const rows = this.#source.database().all(`SELECT id FROM ${kind} ORDER BY id`)
      this.#kinds[kind].backlog = rows.map((row) => String(row['id']))
    }
  }

  /** True when most rows tell of what has changed since: time for a new index. */
  get worn(): boolean {
    return kinds.some((kind) => {
      const { ids, rowOf } = this.#kinds[kind]
      return ids.size > 100_000 && ids.size > rowOf.size * 4
    })
  }

  /** Something was written: it is indexed before the next search. */
  note(kind: Searched, id: string): void {
    this.#kinds[kind].fresh.add(id)
  }

  /** Indexes everything that is not yet, leaving room for other work. */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = null
    })
    return this.#filling
  }

  async #fill(): Promise<void> {
    for (const kind of kinds) {
      await this.#addFresh(kind)
      while (this.#kinds[kind].backlog.length > 0 && !this.#closed) await this.#addOlder(kind, chunk)
    }
  }

  /**
   * What holds all phrases, what changed last first: rows below `before`, at most `limit`. Things that are gone
   * meanwhile may be among them.
   */
  async search(
    kind: Searched,
    phrases: readonly SearchPhrase[],
    before: number,
    limit: number,
  ): Promise<readonly SearchHit[]> {
    const { ids, rowOf, backlog } = this.#kinds[kind]
    await this.#addFresh(kind)
    const match = phrases.map(matchExpression).join(' AND ')
    for (let more = 500; ; more *= 2) {
      if (this.#closed) return []
      const rows = this.#index.column(
        `SELECT docid FROM ${kind} WHERE words MATCH ? AND docid < ? ORDER BY docid DESC LIMIT ?`,
        [match, before, limit],
      )
      if (rows.length === limit || backlog.length === 0) {
        return rows.map((row) => {
          const id = ids.get(row) ?? ''
          return { row, id, current: rowOf.get(id) === row }
        })
      }
      await this.#addOlder(kind, more)
    }
  }

  close(): void {
    this.#closed = true
    this.#index.close()
  }

  /** One after the other: rows must come in the order of what they tell. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #addFresh(kind: Searched): Promise<void> {
    const { fresh } = this.#kinds[kind]
    return this.#inTurn(async () => {
      while (fresh.size > 0 && !this.#closed) {
        const next = first(fresh, chunk)
        for (const id of next) fresh.delete(id)
        await this.#addRows(kind, next, () => (this.#kinds[kind].newestRow += 1))
      }
    })
  }

  #addOlder(kind: Searched, count: number): Promise<void> {
    const { backlog, rowOf } = this.#kinds[kind]
    return this.#inTurn(async () => {
      for (let left = count; left > 0 && backlog.length > 0 && !this.#closed; left -= chunk) {
        const next = backlog.splice(-Math.min(chunk, left)).reverse()
        // What has changed meanwhile is in the index already, as it is now.
        const unknown = next.filter((id) => !rowOf.has(id))
        await this.#addRows(kind, unknown, () => (this.#kinds[kind].oldestRow -= 1))
      }
    })
  }

  async #addRows(kind: Searched, ids: readonly string[], nextRow: () => number): Promise<void> {
    const texts = kind === 'captures' ? await this.#captureTexts(ids) : await this.#deliveryTexts(ids)
    if (this.#closed) return
    const state = this.#kinds[kind]
    this.#index.begin()
    for (const id of ids) {
      const text = texts.get(id)
      // It is gone meanwhile.
      if (text === undefined) continue
      const row = nextRow()
      state.ids.set(row, id)
      state.rowOf.set(id, row)
      this.#index.run(`INSERT INTO ${kind} (docid, words) VALUES (?, ?)`, [row, text])
    }
    this.#index.commit()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }

  async #captureTexts(ids: readonly string[]): Promise<Map<string, string>> {
    const texts = new Map<string, string>()
    for (const row of this.#rows('SELECT * FROM capture_contents WHERE id IN', ids)) {
      const capture = decodeDoc<Capture>(row['doc'])
      const { method, target, headers, eventType, deliveryId, verdict, tags, note } = capture
      const words = [method, target, eventType, deliveryId, verdict.status, verdict.cause, ...tags, note]
      const body = await this.#bodyText(row['body'], row['body_sha256'])
      texts.set(String(row['id']), [row['id'], ...words, headerText(headers), body].join(' '))
    }
    return texts
  }

  async #deliveryTexts(ids: readonly string[]): Promise<Map<string, string>> {
    const texts = new Map<string, string>()
    for (const row of this.#rows(
      'SELECT id, event_id, event_type, replay_id, doc FROM deliveries WHERE id IN',
      ids,
    )) {
      const { providerDeliveryId, destinationName, lastFailure } = decodeDoc<Delivery>(row['doc'])
      const words = [row['id'], row['event_id'], row['event_type'], providerDeliveryId, destinationName]
      const failure = [lastFailure?.code, lastFailure?.message]
      const sent = await this.#sentText(row)
      texts.set(String(row['id']), [...words, ...failure, ...sent].join(' '))
    }
    return texts
  }

  /** The event's payload or the replay's body, and the last attempt with what was answered. */
  async #sentText({ id = '', event_id: eventId = '', replay_id: replayId }: Row): Promise<string[]> {
    const database = this.#source.database()
    const kept =
      replayId === null
        ? database.get('SELECT payload AS body, payload_sha256 AS sha256 FROM events WHERE id = ?', [eventId])
        : database.get('SELECT body, body_sha256 AS sha256 FROM replay_requests WHERE delivery_id = ?', [id])
    const attempt = database.get(
      'SELECT doc, excerpt, excerpt_sha256 FROM attempts WHERE delivery_id = ? ORDER BY number DESC LIMIT 1',
      [id],
    )
    const payload = await this.#bodyText(kept?.['body'], kept?.['sha256'])
    if (attempt === undefined) return [payload]
    const { method, url, requestHeaders, response } = decodeDoc<Attempt>(attempt['doc'])
    const answered = await this.#bodyText(attempt['excerpt'], attempt['excerpt_sha256'])
    const status = response === null ? '' : `${response.status} ${headerText(response.headers)}`
    return [method, url, headerText(requestHeaders), payload, status, answered]
  }

  #rows(select: string, ids: readonly string[]): Row[] {
    return this.#source.database().all(`${select} (SELECT value FROM json_each(?))`, [JSON.stringify(ids)])
  }

  /** The beginning of a body, if it is text. */
  async #bodyText(inline: unknown, sha256: unknown): Promise<string> {
    const bytes =
      typeof sha256 === 'string'
        ? await this.#source.readStart(sha256, textBytes)
        : (inline as Uint8Array | null)
    if (bytes === null || bytes === undefined) return ''
    const start = bytes.subarray(0, textBytes)
    return start.includes(0) ? '' : decoder.decode(start)
  }
}

function headerText(headers: readonly Header[]): string {
  return headers.map(([name, value]) => `${name} ${value}`).join(' ')
}

/** In quotes nothing is syntax but the asterisk, which the index takes for what may follow. */
function matchExpression({ words, prefix }: SearchPhrase): string {
  return `"${words.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()}${prefix ? '*' : ''}"`
}

function first(ids: Iterable<string>, count: number): string[] {
  const taken: string[] = []
  for (const id of ids) {
    if (taken.length === count) break
    taken.push(id)
  }
  return taken
}
