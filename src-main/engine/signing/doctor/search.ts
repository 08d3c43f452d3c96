import { timingSafeEqual } from 'node:crypto'
import type { Header } from '../../../../src-shared/model/header.ts'
import { causes } from '../../../../src-shared/model/scheme.ts'
import type { Evidence } from '../read-evidence.ts'
import { readSecretKey } from '../secret-key.ts'
import type { VerifySecret } from '../verify-request.ts'
import { algorithmVariations, hmacOf, type Digest } from './algorithm-variations.ts'
import { byteVariations, charsetVariations, lineEnds, trailingNewlines } from './body-variations.ts'
import { layoutOf, layoutVariations, timestampVariations, type Layout } from './content-variations.ts'
import { jsonVariations } from './json-variations.ts'
import { keyVariations } from './key-variations.ts'
import { readingsOf, type Reading } from './readings.ts'
import type { Change, Variation } from './variation.ts'

/**
 * How much may be tried, in bytes that are hashed: the same for everybody, whatever the machine. Each try costs some
 * for itself.
 */
export class Effort {
  readonly #total: number
  #spent = 0
  #isOver = false
  #isPartial = false

  constructor(bytes: number) {
    this.#total = bytes
  }

  /** False: no more is to be tried. */
  spend(bytes: number): boolean {
    const cost = bytes + costOfTry
    if (this.#isOver || this.#spent + cost > this.#total) {
      this.#isOver = true
      return false
    }
    this.#spent += cost
    return true
  }

  /** As {@link spend}, for what must leave half of it to the rest. */
  spendOfHalf(bytes: number): boolean {
    if (this.#spent + bytes + costOfTry <= this.#total / 2) return this.spend(bytes)
    this.#isPartial = true
    return false
  }

  /** There is none left. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Not everything was tried. */
  get isPartial(): boolean {
    return this.#isPartial || this.#isOver
  }

  get spent(): number {
    return this.#spent
  }
}

/** What a try costs beside the hashing, and a byte of JSON to write: in bytes that are hashed meanwhile, as measured. */
const costOfTry = 6 * 1024
const costOfJsonByte = 12

/**
 * What somebody who asks may wait for: less than 50 ms with a body of 64 KiB, on a machine of 2026. Large ones take
 * longer, and not everything is tried on them.
 */
export function effortFor(body: Uint8Array): number {
  return 48 * mebibyte + Math.min(128 * body.length, 192 * mebibyte)
}

const mebibyte = 1024 * 1024

/** What reproduced a signature. */
export interface Finding {
  /** At most two, the smaller one first. */
  readonly changes: readonly Change[]
  readonly secret: VerifySecret
  /** The body as it was signed. */
  readonly signedBody: Buffer
}

/** What is searched: a request that its secrets didn't verify. */
export interface SearchedRequest {
  readonly evidence: Evidence
  readonly headers: readonly Header[]
  /** Those that would have verified, and then those that would not. */
  readonly secrets: readonly VerifySecret[]
  /** How many of these would have verified. */
  readonly validCount: number
}

const mostSignatures = 8

/** Those that are tried together with something else: of the layouts the usual ones, of the algorithms the HMACs. */
const likeliestLayouts = 4
/** Bytes. With larger ones only the usual layouts are tried, so that something is left for the rest. */
const largeBody = 256 * 1024
const likelyLayouts = 32
const likelyAlgorithms = 5

/** What is tried instead of what the scheme says. */
interface Dimensions {
  /** The other secrets. */
  readonly others: readonly Variation<Key>[]
  /** Other keys of the same secrets. */
  readonly keys: readonly Variation<Key>[]
  readonly bodies: Iterable<Variation<Buffer>>
  readonly layouts: readonly Variation<Layout>[]
  /** The timestamp written otherwise. */
  readonly units: readonly Variation<Layout>[]
  readonly digests: readonly Variation<Digest>[]
}

interface Key {
  /** Latin-1, one byte a character. */
  readonly text: string
  readonly secret: VerifySecret
}

/** Something to try: at most two of its parts are varied. */
interface Try {
  readonly key: Variation<Key>
  readonly body: Variation<Buffer>
  readonly layout: Variation<Layout>
  readonly digest: Variation<Digest>
}

/**
 * Looks for what reproduces one of the request's signatures: one change first, in the order of product.md, then two.
 * Nothing is claimed that is not reproduced in at least 64 bits.
 * @returns null when nothing does, or when the effort was not enough
 */
export function search(request: SearchedRequest, effort: Effort): Finding | null {
  const searcher = new Searcher(request, effort)
  if (searcher.readings.length === 0) return null
  for (const one of searcher.tries()) {
    const finding = searcher.test(one)
    if (finding !== null) return finding
    if (effort.isOver) return null
  }
  return null
}

class Searcher {
  readonly readings: readonly Reading[]
  readonly #request: SearchedRequest
  readonly #effort: Effort

  constructor(request: SearchedRequest, effort: Effort) {
    this.#request = request
    this.#effort = effort
    const { scheme, signatures, values } = request.evidence
    // A header can hold many, and each is compared with every try.
    this.readings = signatures
      .slice(0, mostSignatures)
      .flatMap((text) => readingsOf(scheme, text, values.timestamp))
  }

  test({ key, body, layout, digest }: Try): Finding | null {
    const { before, hasBody, after } = layout.value
    if (!this.#effort.spend(hasBody ? body.value.length : 0)) return null
    const made = digest.value(key.value.text, hasBody ? [before, body.value, after] : [before, after])
    if (made === null) return null
    const found = this.readings.filter((each) => isSame(made, each))
    if (found.length === 0) return null
    const changes = [key, body, layout, digest].flatMap(({ change, second }) =>
      [change, second].filter((each) => each !== null && each !== undefined),
    )
    const reading = found.find((each) => each.changes.length + changes.length <= 2)
    if (reading === undefined) return null
    return {
      changes: [...reading.changes, ...changes].sort(byWeight),
      secret: key.value.secret,
      signedBody: hasBody ? body.value : Buffer.alloc(0),
    }
  }

  *tries(): Generator<Try> {
    const base = this.#base()
    if (base === null) return
    const dimensions = this.#dimensions(base)
    const { keys, others, bodies, layouts, units, digests } = dimensions
    yield base
    for (const key of others) yield { ...base, key }
    for (const body of bodies) yield { ...base, body }
    for (const layout of [...layouts, ...units]) yield { ...base, layout }
    for (const digest of digests) yield { ...base, digest }
    for (const key of keys) yield { ...base, key }
    yield* this.#pairs(base, dimensions)
  }

  /** Two at once: what is likeliest together first, because large bodies use up the effort early. */
  *#pairs(base: Try, { others, keys, bodies, layouts, units, digests }: Dimensions): Generator<Try> {
    const likeliest = [...layouts.slice(0, likeliestLayouts), ...units]
    for (const body of bodies) for (const twice of changedTwice(body)) yield { ...base, body: twice }
    const likely = layouts.slice(likeliestLayouts, likelyLayouts)
    const hmacs = digests.slice(0, likelyAlgorithms)
    for (const layout of likeliest) {
      for (const key of [...others, ...keys]) yield { ...base, key, layout }
      for (const digest of hmacs) yield { ...base, layout, digest }
    }
    for (const layout of likeliest) for (const body of bodies) yield { ...base, body, layout }
    for (const key of [...others, ...keys]) {
      for (const body of bodies) yield { ...base, key, body }
      for (const layout of likely) yield { ...base, key, layout }
      for (const digest of hmacs) yield { ...base, key, digest }
    }
    for (const digest of hmacs) {
      for (const body of bodies) yield { ...base, body, digest }
      for (const layout of likely) yield { ...base, layout, digest }
    }
    for (const layout of likely) for (const body of bodies) yield { ...base, body, layout }
  }

  #base(): Try | null {
    const [first] = this.#keys(0, 1)
    if (first === undefined) return null
    const { scheme, values } = this.#request.evidence
    return {
      key: { value: first, change: null },
      body: {
        value: Buffer.from(values.body.buffer, values.body.byteOffset, values.body.byteLength),
        change: null,
      },
      layout: { value: layoutOf(scheme.content, values), change: null },
      digest: { value: hmacOf(scheme.algorithm), change: null },
    }
  }

  #dimensions(base: Try): Dimensions {
    const { evidence, headers, secrets, validCount } = this.#request
    const { scheme, values } = evidence
    const body = base.body.value
    const bodies = new Lazy(() => this.#otherBodies(body, headers))
    const all = [...layoutVariations(scheme, values)]
    const usual = body.length > largeBody ? all.slice(0, likelyLayouts) : all
    return {
      others: this.#keys(1).map((value): Variation<Key> => ({
        value,
        change: secrets.indexOf(value.secret) < validCount ? null : otherSecret(value.secret, secrets[0]),
      })),
      keys: secrets.slice(0, Math.max(validCount, 1)).flatMap((secret) =>
        [...keyVariations(scheme, secret.value)].map(({ value, change }): Variation<Key> => ({
          value: { text: value.toString('latin1'), secret },
          change,
        })),
      ),
      bodies,
      layouts: usual,
      units: [...timestampVariations(scheme, values)],
      digests: [...algorithmVariations(scheme)],
    }
  }

  /** Without those that are the same bytes. */
  *#otherBodies(body: Buffer, headers: readonly Header[]): Generator<Variation<Buffer>> {
    const effort = this.#effort
    const bytes = affordable(byteVariations(body, headers), () => effort.spend(body.length))
    const charsets = affordable(charsetVariations(body), () => effort.spend(body.length))
    const json = affordable(jsonVariations(body), () => effort.spendOfHalf(body.length * costOfJsonByte))
    for (const variations of [bytes, charsets, json])
      for (const variation of variations) if (!variation.value.equals(body)) yield variation
  }

  #keys(from: number, to?: number): Key[] {
    const { evidence, secrets } = this.#request
    return secrets.slice(from, to).flatMap((secret) => {
      const key = readSecretKey(evidence.scheme, secret.value)
      return key === null ? [] : [{ text: Buffer.from(key).toString('latin1'), secret }]
    })
  }
}

/** A body that was changed, with other line breaks too: written by something that ends its lines in its own way. */
function* changedTwice({ value, change }: Variation<Buffer>): Generator<Variation<Buffer>> {
  if (change === null || value.length === 0 || change.cause === 'body-trailing-newline') return
  for (const variations of [trailingNewlines(value), lineEnds(value)])
    for (const { value: twice, change: second } of variations)
      if (second !== null && second.cause !== change.cause) yield { value: twice, change, second }
}

/** As many as may be paid for, before they are made. */
function* affordable<T>(variations: Iterator<T>, pay: () => boolean): Generator<T> {
  while (pay()) {
    const next = variations.next()
    if (next.done === true) return
    yield next.value
  }
}

/** Made when it is first walked through, and kept for the next time. */
class Lazy<T> implements Iterable<T> {
  readonly #made: T[] = []
  readonly #rest: Iterator<T>

  constructor(make: () => Iterator<T>) {
    this.#rest = make()
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = 0; ; at += 1) {
      const known = this.#made[at]
      if (known !== undefined) {
        yield known
        continue
      }
      const next = this.#rest.next()
      if (next.done === true) return
      this.#made.push(next.value)
      yield next.value
    }
  }
}

/** Why a stored secret that fits does not count. */
export function otherSecret(secret: VerifySecret, current: VerifySecret | undefined): Change {
  const expected = current === undefined || current === secret ? 'the one expected here' : `"${current.name}"`
  if (secret.previous === true) {
    const until = secret.valid_until ?? null
    return {
      cause: 'previous-secret',
      how: `with the previous secret "${secret.name}", which is no longer valid${until === null ? '' : ` since ${until}`}`,
      mend: 'Give the sender the current one.',
    }
  }
  return {
    cause: 'other-secret',
    how: `with the secret "${secret.name}", not with ${expected}`,
    mend: 'Use the same secret on both sides.',
  }
}

/** The smaller change first, as product.md orders the causes; their list is in that order. */
function byWeight(left: Change, right: Change): number {
  return causes.indexOf(left.cause) - causes.indexOf(right.cause)
}

function isSame(made: Buffer, { digest, isPrefix }: Reading): boolean {
  if (!isPrefix) return made.length === digest.length && timingSafeEqual(made, digest)
  return digest.length < made.length && timingSafeEqual(made.subarray(0, digest.length), digest)
}
