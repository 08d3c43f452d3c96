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
      const text = `${new Date(now()).toISOString()} ${mask(line).replaceAll('\n', '\n  ')}\n`
      try {
        if (bytes === 0) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        if (bytes >= fullBytes) {
          rotate(path)
          bytes = 0
        }
        appendFileSync(path, text, { mode: 0o600 })
        bytes += Buffer.byteLength(text)
      } catch {
        // The line was for the file only; there is nobody else to tell.
      }
    },
  }
}

function rotate(path: string): void {
  rmSync(`${path}.${keptFiles - 1}`, { force: true })
  for (let number = keptFiles - 2; number >= 1; number -= 1)
    move(`${path}.${number}`, `${path}.${number + 1}`)
  move(path, `${path}.1`)
}

function move(from: string, to: string): void {
  if (sizeOf(from) > 0) renameSync(from, to)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
