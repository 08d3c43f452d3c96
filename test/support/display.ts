import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/** An X display for the desktop tests. */
export interface Display {
  /** What `DISPLAY` has to say. */
  readonly name: string
  stop(): void
}

/**
 * The display that is there, or an Xvfb of the tests' own at a number that nobody has.
 * @throws Error when there is neither
 */
export async function startDisplay(): Promise<Display> {
  const there = process.env['DISPLAY']
  if (process.platform !== 'linux' || there) return { name: there ?? '', stop: () => undefined }
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const stop = (): void => {
    child.kill()
  }
  process.once('exit', stop)
  const number = await new Promise<string>((resolve, reject) => {
    let text = ''
    const written = child.stdio[3] as Readable
    written.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.includes('\n')) resolve(text.trim())
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)))
  })
  return {
    name: `:${number}`,
    stop() {
      process.off('exit', stop)
      stop()
    },
  }
}
