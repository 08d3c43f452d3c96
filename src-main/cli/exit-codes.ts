import { AppError, type ErrorCode } from '../../src-shared/errors.ts'

/** Exit codes of every command. @see interface.md */
export const exitCodes = { fine: 0, checkFailed: 1, invalid: 2, broken: 3 } as const

/** What is not the caller's input: the machine, the folder's owner, a bug. */
const broken: ReadonlySet<ErrorCode> = new Set([
  'data_folder_in_use',
  'data_newer',
  'instance_unreachable',
  'internal',
  'migration_failed',
  'secrets_unavailable',
  'storage_unavailable',
  'unauthorized',
])

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return exitCodes.broken
  return broken.has(error.code) ? exitCodes.broken : exitCodes.invalid
}
