import { AppError, type FieldError } from '../../src-shared/errors.ts'

/** What went wrong, as a sentence that says what to do. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AppError && error.code === 'unauthorized')
    return 'Hookbench was started anew. Open it again with `hookbench open`; this page goes on by itself then.'
  if (error instanceof AppError) return error.message
  return 'Hookbench does not answer: is it still running?'
}

/** The fields that an error is about. */
export function fieldsOf(error: unknown): readonly FieldError[] {
  return error instanceof AppError ? error.fields : []
}
