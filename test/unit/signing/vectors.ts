import { readFileSync } from 'node:fs'
import { verifyCaseFileSchema, type VerifyCase } from '../../../src-shared/model/verify-case.ts'

/** The cases of a file of vectors, and the file as parsed JSON. */
export function vectors(name: 'signatures' | 'diagnosis'): { document: unknown; cases: VerifyCase[] } {
  const url = new URL(`../../fixtures/vectors/${name}.json`, import.meta.url)
  const document: unknown = JSON.parse(readFileSync(url, 'utf8'))
  return { document, cases: verifyCaseFileSchema.parse(document).cases }
}
