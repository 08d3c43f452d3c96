/** One step from the schema before to `version`. Append-only: a released migration never changes. */
export interface Migration {
  readonly version: number
  readonly statements: readonly string[]
}
