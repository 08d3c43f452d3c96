import type { ConfigurationReader } from '../../engine/store.ts'
import type { Execute } from '../journal-record.ts'
import type { Sqlite } from '../sqlite.ts'

/**
 * Things that are few (workspaces, destinations, …): kept whole in memory beside their rows, because the dispatcher
 * looks them up for each delivery. The maps change together with the statement that changes the row.
 */
export class ConfigurationRepository {
  readonly #kinds = new Map<string, Map<string, object>>()

  /** Reads everything again from the database. */
  load(database: Sqlite): void {
    this.#kinds.clear()
    for (const row of database.all('SELECT kind, id, doc FROM configuration ORDER BY kind, id')) {
      this.#kind(String(row['kind'])).set(String(row['id']), JSON.parse(String(row['doc'])) as object)
    }
  }

  put(run: Execute, kind: string, id: string, value: object): void {
    run(
      'INSERT INTO configuration (kind, id, doc) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET doc = excluded.doc',
      [kind, id, JSON.stringify(value)],
    )
    this.#kind(kind).set(id, value)
  }

  delete(run: Execute, kind: string, id: string): void {
    run('DELETE FROM configuration WHERE kind = ? AND id = ?', [kind, id])
    this.#kind(kind).delete(id)
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a kind stands for its type
  get<T extends object>(kind: string, id: string): T | undefined {
    return this.#kinds.get(kind)?.get(id) as T | undefined
  }

  reader<Id extends string, T extends object>(kind: string): ConfigurationReader<Id, T> {
    const list = (): T[] => [...(this.#kinds.get(kind)?.values() ?? [])] as T[]
    return { get: (id) => this.get<T>(kind, id), list }
  }

  #kind(kind: string): Map<string, object> {
    let values = this.#kinds.get(kind)
    if (values === undefined) {
      values = new Map()
      this.#kinds.set(kind, values)
    }
    return values
  }
}
