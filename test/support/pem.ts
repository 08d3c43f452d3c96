import { readFileSync } from 'node:fs'

/** A certificate or key of test/fixtures/tls, as PEM text. */
export function pem(name: string): string {
  return readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
}
