import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Lines for whoever looks for what went wrong. */
export interface LogFile {
  readonly path: string
  /** Never throws: a full disk must not take the program with it. */
  write(line: string): void
}

const usualBytes = 2 * 1024 * 1024
const keptFiles = 3

/**
 * A log that is moved to `.1`, `.2`, … when it is full; the oldest goes.
 * @param now epoch milliseconds
 * @param mask takes secrets out of a line
 */
export function openLogFile(
  path: string,
  now: () => number,
  mask: (text: string) => string,
  fullBytes = usualBytes,
): LogFile {
  let bytes = sizeOf(path)
  return {
    path,
    write(line) {
      const text = `${new Date(now()).toISOString()} ${oneEntry(mask(line))}\n`
      try {
        if (bytes === 0) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        if (bytes >= fullBytes && rotate(path)) bytes = 0
        appendFileSync(path, text, { mode: 0o600 })
        bytes += Buffer.byteLength(text)
      } catch {
        // The line was for the file only; there is nobody else to tell.
      }
    },
  }
}

/** Lines of one entry are indented; nothing in it steers the terminal that shows it. */
function oneEntry(text: string): string {
  return text.replaceAll(/\r?\n/g, '\n  ').replaceAll(/(?![\n\t])\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0')
    return `\\x${code}`
  })
}

/** @returns false when the file could not be moved away: better one that is too long than none */
function rotate(path: string): boolean {
  try {
    rmSync(`${path}.${keptFiles - 1}`, { force: true })
    for (let number = keptFiles - 2; number >= 1; number -= 1)
      move(`${path}.${number}`, `${path}.${number + 1}`)
    move(path, `${path}.1`)
    return true
  } catch {
    return false
  }
}

function move(from: string, to: string): void {
  if (sizeOf(from) > 0) renameSync(from, to)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
