import { invalidInput, type AppError } from '../../../src-shared/errors.ts'

/** One command of a script: what is piped into it, where that is `printf`'s output, and its words. */
export interface ShellCommand {
  readonly input: string | null
  readonly words: readonly string[]
}

/**
 * The simple commands of a POSIX shell script, as far as they are plain text: quotes and escapes are undone, `printf` of
 * a format without arguments is done, and where a result goes (`| jq`, `> file`) is left out.
 * @param text latin-1: each character is one byte, and so it is in what is found
 * @throws AppError `invalid_input` where the shell would put in something that isn't there
 */
export function shellCommands(text: string): ShellCommand[] {
  const reader = new ShellReader(text)
  const commands: ShellCommand[] = []
  for (let command = reader.command(); command !== null; command = reader.command())
    if (command.words.length > 0) commands.push(command)
  return commands
}

const escapesInDollarQuotes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  f: '\f',
  v: '\v',
}

class ShellReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The next line's command, or null at the end. */
  command(): ShellCommand | null {
    if (this.#at >= this.#text.length) return null
    const words = this.#words()
    if (this.#peek() !== '|') {
      this.#skipLine()
      return { input: null, words }
    }
    if (words[0] !== 'printf') {
      this.#skipLine()
      return { input: null, words }
    }
    this.#at += 1
    const piped = this.#words()
    this.#skipLine()
    return { input: printed(words.slice(1)), words: piped }
  }

  #peek(length = 1): string {
    return this.#text.slice(this.#at, this.#at + length)
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#text.length : end + 1
  }

  /** Up to the end of the line, or of the simple command. */
  #words(): string[] {
    const words: string[] = []
    for (;;) {
      this.#skipBlanks()
      const next = this.#peek()
      if (next === '' || '\n|;&<>()'.includes(next) || next === '#') return words
      words.push(this.#word())
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const [blank = ''] = /^([ \t]|\r(?=\n|$)|\\\r?\n)/.exec(this.#peek(3)) ?? []
      if (blank === '') return
      this.#at += blank.length
    }
  }

  #word(): string {
    let word = ''
    for (;;) {
      const next = this.#peek()
      if (next === '' || ' \t\n|;&<>()'.includes(next) || this.#peek(2) === '\r\n') return word
      if (this.#peek(3) === '\\\r\n') return word
      if (next === "'") word += this.#singleQuoted()
      else if (next === '"') word += this.#doubleQuoted()
      else if (this.#peek(2) === "$'") word += this.#dollarQuoted()
      else if (next === '\\') word += this.#escaped()
      else word += this.#plain()
    }
  }

  #plain(): string {
    const next = this.#peek()
    if (next === '`' || (next === '$' && /^\$[\w{(]/.test(this.#peek(2)))) throw this.#refusal()
    this.#at += 1
    return next
  }

  #escaped(): string {
    const [, next = ''] = this.#peek(2)
    this.#at += 2
    return next === '\n' ? '' : next
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1)
    if (end < 0) throw unclosed()
    const inside = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    return inside
  }

  #doubleQuoted(): string {
    let inside = ''
    this.#at += 1
    for (;;) {
      const next = this.#peek()
      if (next === '') throw unclosed()
      if (next === '"') {
        this.#at += 1
        return inside
      }
      if (next === '\\' && /^\\[$`"\\\n]/.test(this.#peek(2))) inside += this.#escaped()
      else if (this.#peek(2) === '$(') inside += this.#substituted()
      else inside += this.#plain()
    }
  }

  /** `$(printf '…')`, whose output is known without running it. */
  #substituted(): string {
    this.#at += 2
    const [name, ...operands] = this.#words()
    if (name !== 'printf' || this.#peek() !== ')') throw this.#refusal()
    this.#at += 1
    return printed(operands).replace(/\n+$/, '')
  }

  /** `$'…'`, as browsers copy a request. */
  #dollarQuoted(): string {
    let inside = ''
    this.#at += 2
    for (;;) {
      const next = this.#peek()
      if (next === '') throw unclosed()
      this.#at += 1
      if (next === "'") return inside
      inside += next === '\\' ? this.#dollarEscape() : next
    }
  }

  #dollarEscape(): string {
    const rest = this.#peek(9)
    const [all, octal, hex, unicode] =
      /^(?:([0-7]{1,3})|x([\da-f]{1,2})|u([\da-f]{1,4})|U([\da-f]{1,8}))/i.exec(rest) ?? []
    if (all === undefined) {
      this.#at += 1
      const [next = ''] = rest
      return escapesInDollarQuotes[next] ?? next
    }
    this.#at += all.length
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    const code = Number.parseInt(unicode ?? all.slice(1), 16)
    return Buffer.from(String.fromCodePoint(code > 0x10ffff ? 0xfffd : code)).toString('latin1')
  }

  #refusal(): AppError {
    return invalidInput(
      `The command wants the shell to put something in (${this.#peek(12).split(/\s/, 1)[0] ?? ''}); only plain text can be read.`,
    )
  }
}

const unclosed = (): AppError => invalidInput('A quote of the command is never closed.')

/** What `printf` writes for a format alone. */
function printed([format = '', ...more]: readonly string[]): string {
  if (more.length > 0 || /%(?!%)/.test(format.replaceAll('%%', '')))
    throw invalidInput('A printf of the command has arguments; only a format alone can be read.')
  return format.replace(/%%|\\([0-7]{1,3})|\\(.)/gs, (all, octal?: string, other?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
    if (other !== undefined) return escapesInDollarQuotes[other] ?? other
    return all === '%%' ? '%' : all
  })
}
