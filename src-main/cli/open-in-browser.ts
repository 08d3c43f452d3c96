import { spawn } from 'node:child_process'

/** Opens a link of ours in the user's browser. Where none can be started, nothing happens: the link is printed too. */
export function openInBrowser(link: string): void {
  const [program, ...before] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open']
  if (program === undefined) return
  // The link holds a code that is good once and for a minute; it is no secret afterwards.
  const child = spawn(program, [...before, link], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
