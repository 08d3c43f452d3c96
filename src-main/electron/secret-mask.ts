import type { SecretBox } from '../engine/ports.ts'

/** Shorter ones would be found in ordinary words. */
const shortest = 6
const most = 1000
/** Of a text of several lines (a key in PEM) those that long are masked by themselves too. */
const shortestLine = 16

/**
 * Knows the secrets that a box has sealed or opened, to take them out of text that is written down. Nothing that is
 * logged should hold one; this is for what nobody thought of, an error message of a library, say. They are found in
 * JSON, in URLs and in base64 as well.
 */
export class SecretMask {
  readonly #known = new Map<string, readonly string[]>()
  #forms: readonly string[] | null = null

  readonly mask = (text: string): string => {
    // The longest first: what stands within another one would leave the rest of it.
    this.#forms ??= [...new Set([...this.#known.values()].flat())].toSorted((a, b) => b.length - a.length)
    let masked = text
    for (const form of this.#forms) masked = masked.replaceAll(form, '••••')
    return masked
  }

  /** The same box, watched. */
  watch(box: SecretBox): SecretBox {
    return {
      available: box.available,
      seal: (plain) => {
        this.learn(plain)
        return box.seal(plain)
      },
      open: (sealed) => {
        const plain = box.open(sealed)
        this.learn(plain)
        return plain
      },
    }
  }

  learn(secret: string): void {
    if (secret.length < shortest) return
    // The latest are kept. Each delivery opens its secret: what is known already must cost nothing.
    const forms = this.#known.get(secret)
    if (forms !== undefined) this.#known.delete(secret)
    else this.#forms = null
    this.#known.set(secret, forms ?? formsOf(secret))
    const [oldest] = this.#known.keys()
    if (this.#known.size > most && oldest !== undefined) {
      this.#known.delete(oldest)
      this.#forms = null
    }
  }
}

/** A secret as it may stand in a text. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/)
  const parts =
    lines.length === 1 ? [] : lines.filter((line) => line.length >= shortestLine && !line.startsWith('-----'))
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(Buffer.from(secret).toString()),
    ...[0, 1, 2].flatMap((before) => inBase64(Buffer.from(secret), before)),
    ...parts,
  ]
}

/** The characters that stand for these bytes whatever is around them: the password in `Basic dXNlcjpwYXNz`, say. */
function inBase64(bytes: Buffer, before: number): string[] {
  const start = Math.ceil((before * 8) / 6)
  const end = Math.floor(((before + bytes.length) * 8) / 6)
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .slice(start, end)
  return [text, text.replaceAll('+', '-').replaceAll('/', '_')]
}
