/** Longer ones are shown in several, so that no element gets too wide to paint. */
const longestLine = 400

/** Text that comes in parts, as lines: a part costs what it is long, not what came before it. */
export class GrowingLines {
  readonly #lines: string[] = ['']
  readonly #decoder = new TextDecoder()

  /** The same array every time; the last line may go on with the next part. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** @param last no more will come: what is left of a cut character is shown as such */
  push(part: Uint8Array, last: boolean): void {
    this.append(this.#decoder.decode(part, { stream: !last }))
  }

  append(text: string): void {
    let first = true
    for (const line of text.split('\n')) {
      let rest = first ? (this.#lines.pop() ?? '') + line : line
      first = false
      while (rest.length > longestLine) {
        this.#lines.push(rest.slice(0, longestLine))
        rest = rest.slice(longestLine)
      }
      this.#lines.push(rest)
    }
  }
}

export function linesOf(text: string): readonly string[] {
  const all = new GrowingLines()
  all.append(text)
  return all.lines
}
