import type { SecretBox } from '../engine/ports.ts'

/** Shorter ones would be found in ordinary words. */
const shortest = 6
const most = 1000

/**
 * Knows the secrets that a box has sealed or opened, to take them out of text that is written down. Nothing that is
 * logged should hold one; this is for what nobody thought of, an error message of a library, say.
 */
export class SecretMask {
  readonly #known = new Set<string>()

  readonly mask = (text: string): string => {
    let masked = text
    for (const secret of this.#known) masked = masked.replaceAll(secret, '••••')
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
    // The latest are kept.
    this.#known.delete(secret)
    this.#known.add(secret)
    const [oldest] = this.#known
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest)
  }
}
