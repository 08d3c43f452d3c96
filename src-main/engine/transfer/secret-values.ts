import { AppError } from '../../../src-shared/errors.ts'
import { secretPlaces, type ReadConfig, sealedTextsOf } from './read-config.ts'
import { isSealedText, Unsealer } from './sealed-text.ts'
import { referenceName } from './secrets.ts'

/**
 * What stands for a file's secrets: values for `${NAME}`, and decrypted texts. Where there is no value, a thing keeps
 * the secret that it has; one that has none is missing it.
 */
export class SecretValues {
  readonly #given: Readonly<Record<string, string>>
  readonly #opened: ReadonlyMap<string, string>
  readonly #missing = new Set<string>()
  readonly #unresolved = new Set<string>()

  private constructor(given: Readonly<Record<string, string>>, opened: ReadonlyMap<string, string>) {
    this.#given = given
    this.#opened = opened
  }

  /** @throws AppError `invalid_input`, `passphrase_missing`, `wrong_passphrase`, `sealed_text_invalid` */
  static async of(
    { file, problems }: ReadConfig,
    given: Readonly<Record<string, string>>,
    passphrase: string | undefined,
  ): Promise<SecretValues> {
    for (const { path, text, isSecret } of secretPlaces(file)) {
      if (isSecret && referenceName(text) === null && !isSealedText(text))
        problems.add(path, 'must be a ${NAME} reference or encrypted: no secret stands here in the clear')
    }
    problems.refuse()
    const sealed = sealedTextsOf(file)
    const opened = new Map<string, string>()
    if (sealed.length > 0) {
      if (passphrase === undefined) throw new AppError('passphrase_missing')
      const unsealer = new Unsealer(passphrase)
      for (const text of sealed) opened.set(text, await unsealer.open(text))
    }
    return new SecretValues(given, opened)
  }

  /** The same values for another look at the same file. */
  again(): SecretValues {
    return new SecretValues(this.#given, this.#opened)
  }

  get unresolved(): string[] {
    return [...this.#unresolved]
  }

  /**
   * The text that is meant: a literal stands for itself.
   * @param kept what stands there now; undefined when nothing does
   * @returns `kept` for a reference without a value
   */
  textOf<Kept>(text: string, kept: Kept | undefined): string | Kept | undefined {
    const name = referenceName(text)
    if (name === null) return this.#opened.get(text) ?? text
    if (Object.hasOwn(this.#given, name)) return this.#given[name]
    const known = kept === undefined ? this.#missing : this.#unresolved
    known.add(name)
    return kept
  }

  /** @throws AppError `secrets_missing`, naming them all */
  refuseMissing(): void {
    if (this.#missing.size === 0) return
    const names = [...this.#missing]
    throw new AppError(
      'secrets_missing',
      { names: names.join(', ') },
      { fields: names.map((name) => ({ path: `secrets.${name}`, message: 'is missing' })) },
    )
  }
}
