import { EOL } from 'node:os'

/**
 * What a command prints: on stdout one document (or one JSON object a line for streams) with --json, text otherwise;
 * everything else goes to stderr. Colours on a terminal only.
 */
export interface Output {
  readonly json: boolean
  /** The command's result: the document with --json, the lines otherwise. */
  result(document: unknown, lines: readonly string[]): void
  /** One object of a stream with --json, the lines otherwise. */
  event(document: unknown, lines: readonly string[]): void
  /** Exact bytes. */
  raw(bytes: Uint8Array): void
  /** A remark that is no result. */
  note(line: string): void
  readonly colour: Colours
}

type Paint = (text: string) => string
export interface Colours {
  readonly good: Paint
  readonly bad: Paint
  readonly warn: Paint
  readonly dim: Paint
  readonly bold: Paint
}

function colours(enabled: boolean): Colours {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      enabled ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    good: paint(32, 39),
    bad: paint(31, 39),
    warn: paint(33, 39),
    dim: paint(2, 22),
    bold: paint(1, 22),
  }
}

export function createOutput(json: boolean, stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Output {
  // `| head` closes the pipe: that is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const write = (text: string): void => {
    stdout.write(text)
  }
  const lines = (all: readonly string[]): void => {
    if (all.length > 0) write(all.join(EOL) + EOL)
  }
  return {
    json,
    result: (document, text) => (json ? write(`${JSON.stringify(document, null, 2)}\n`) : lines(text)),
    event: (document, text) => (json ? write(`${JSON.stringify(document)}\n`) : lines(text)),
    raw: (bytes) => {
      stdout.write(bytes)
    },
    note: (line) => {
      stderr.write(line + EOL)
    },
    colour: colours(stdout.isTTY && process.env['NO_COLOR'] === undefined),
  }
}

/**
 * Text from outside made safe for a terminal: control characters, which could move the cursor, set the title or
 * answer for the user, are shown as escapes. Line breaks and tabs too: what it is printed in has its own.
 */
export function visible(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is made visible
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** {@link visible} that leaves line breaks and tabs: for bodies. */
export function visibleLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.split('\t').map(visible).join('\t'))
}

/** Rows in aligned columns; cells from outside go through {@link visible} here. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): string[] {
  if (rows.length === 0) return [empty]
  const shown = rows.map((row) => row.map(visible))
  const widths = header.map((title, column) =>
    Math.max(title.length, ...shown.map((row) => columns(row[column] ?? ''))),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === cells.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - columns(cell)),
      )
      .join('  ')
      .trimEnd()
  return [line(header), ...shown.map(line)]
}

/** How many characters a terminal shows, roughly: code points, without joining marks. */
function columns(text: string): number {
  return Array.from(text.replace(/\p{Mark}/gu, '')).length
}
