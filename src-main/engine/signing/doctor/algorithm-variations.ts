import { createHash, createHmac } from 'node:crypto'
import type { SignatureScheme } from '../../../../src-shared/model/scheme.ts'
import type { Variation } from './variation.ts'

/**
 * Makes a digest of a key and the signed bytes, given in pieces.
 * @param key latin-1 text: Node 24 takes ten times as long for one that is given as bytes
 */
export type Digest = (key: string, pieces: readonly (string | Buffer)[]) => Buffer | null

export function hmacOf(algorithm: string): Digest {
  return (key, pieces) => {
    const hmac = createHmac(algorithm, key, { encoding: 'latin1' })
    for (const piece of pieces) update(hmac, piece)
    return hmac.digest()
  }
}

interface Updating {
  update(data: Buffer): unknown
  update(data: string, encoding: 'latin1'): unknown
}

function update(into: Updating, piece: string | Buffer): void {
  if (typeof piece === 'string') into.update(piece, 'latin1')
  else into.update(piece)
}

/** Plain hashes in the order of key and content. */
function hashOf(algorithm: string, order: 'key first' | 'key last' | 'no key'): Digest {
  return (key, pieces) => {
    const hash = createHash(algorithm)
    if (order === 'key first') hash.update(key, 'latin1')
    for (const piece of pieces) update(hash, piece)
    if (order === 'key last') hash.update(key, 'latin1')
    return hash.digest()
  }
}

/** HMAC with its two inputs the wrong way round. */
function swapped(algorithm: string): Digest {
  return (key, pieces) => {
    const content = Buffer.concat(
      pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
    )
    return createHmac(algorithm, content).update(key, 'latin1').digest()
  }
}

/** Other hashes, and what is no HMAC. A hash that this system forbids (MD5 in places) is left out. */
export function* algorithmVariations({ algorithm }: SignatureScheme): Generator<Variation<Digest>> {
  const as = (value: Digest, how: string): Variation<Digest> => ({
    value: guarded(value),
    change: { cause: 'algorithm', how, mend: `Sign with HMAC-${algorithm.toUpperCase()}.` },
  })
  for (const other of ['sha256', 'sha1', 'sha512', 'md5', 'sha384', 'sha224'])
    if (other !== algorithm) yield as(hmacOf(other), `with HMAC-${other.toUpperCase()}`)
  for (const hash of new Set([algorithm, 'sha256', 'sha1', 'sha512', 'md5'])) {
    const name = `a plain ${hash.toUpperCase()}`
    yield as(hashOf(hash, 'key first'), `with ${name} of the secret and the content, which is no HMAC`)
    yield as(hashOf(hash, 'key last'), `with ${name} of the content and the secret, which is no HMAC`)
    yield as(hashOf(hash, 'no key'), `with ${name} of the content without the secret, which anybody can make`)
  }
  yield as(swapped(algorithm), 'with the secret and the content changed about in the HMAC')
}

function guarded(digest: Digest): Digest {
  return (key, pieces) => {
    try {
      return digest(key, pieces)
    } catch {
      return null
    }
  }
}
