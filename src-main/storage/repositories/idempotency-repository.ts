import type { IdempotentAnswer } from '../../engine/store.ts'
import type { Execute } from '../journal-record.ts'
import type { Sqlite } from '../sqlite.ts'
import { decodeDoc, encodeDoc } from './delivery-repository.ts'

export function putIdempotentAnswer(
  run: Execute,
  operation: string,
  key: string,
  { requestSha256, answer, createdAt }: IdempotentAnswer,
): void {
  run(
    `INSERT OR REPLACE INTO idempotent_answers (operation, key, request_sha256, answer, created_at)
     VALUES (?, ?, ?, ?, ?)`,
    [operation, key, requestSha256, encodeDoc({ answer }), createdAt],
  )
}

export function expireIdempotentAnswers(run: Execute, before: number): void {
  run('DELETE FROM idempotent_answers WHERE created_at < ?', [before])
}

export function findIdempotentAnswer(
  database: Sqlite,
  operation: string,
  key: string,
): IdempotentAnswer | undefined {
  const row = database.get('SELECT * FROM idempotent_answers WHERE operation = ? AND key = ?', [
    operation,
    key,
  ])
  if (row === undefined) return undefined
  return {
    requestSha256: String(row['request_sha256']),
    answer: decodeDoc<{ answer: unknown }>(row['answer']).answer,
    createdAt: Number(row['created_at']),
  }
}
