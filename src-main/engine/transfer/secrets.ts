import type { StoredSecret } from '../../../src-shared/model/secret.ts'
import type { SecretBox } from '../ports.ts'

/**
 * A secret within a configuration that is otherwise plain data, so that it can neither be written nor shown by
 * accident: it has no enumerable property, and turns into `(set)`.
 */
export class Secret {
  readonly #open: () => string
  readonly #sealed: string | null

  private constructor(open: () => string, sealed: string | null) {
    this.#open = open
    this.#sealed = sealed
  }

  static stored(box: SecretBox, { sealed }: Pick<StoredSecret, 'sealed'>): Secret {
    return new Secret(() => box.open(sealed), sealed)
  }

  static plain(text: string): Secret {
    return new Secret(() => text, null)
  }

  /** @throws AppError `secrets_unavailable` */
  reveal(): string {
    return this.#open()
  }

  /** Opens both only where their sealed forms differ: without the folder's key an export still works. */
  equals(other: Secret): boolean {
    return (this.#sealed !== null && this.#sealed === other.#sealed) || this.reveal() === other.reveal()
  }

  toString(): string {
    return '(set)'
  }

  toJSON(): string {
    return '(set)'
  }
}

const referencePattern = /^\$\{([A-Za-z_][A-Za-z0-9_]{0,199})\}$/

/** The NAME of `${NAME}`, or null for any other text. */
export function referenceName(text: string): string | null {
  return referencePattern.exec(text)?.[1] ?? null
}

/** Upper-case words out of any text: "Local receiver (2)" → LOCAL_RECEIVER_2. */
function upperWords(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
}

/** Gives each secret a name that a person can read and that no other has. The order of asking decides. */
export class ReferenceNames {
  readonly #taken = new Set<string>()

  of(...parts: readonly string[]): string {
    const words = parts.map(upperWords).filter((part) => part !== '')
    const base = words.join('_').replace(/^(?=\d)/, '_')
    let name = base
    for (let count = 2; this.#taken.has(name); count += 1) name = `${base}_${count}`
    this.#taken.add(name)
    return name
  }
}
