import type { StartedApp } from '../../support/packed-app.ts'

/** The part of the DOM's types that runs in the page. */
interface Painted extends PerformanceEntry {
  readonly identifier: string
  readonly renderTime: number
}

/**
 * Milliseconds from the start of the program until its page had painted: the first content, or the text of every
 * element that carries one of these names. The page's browser noted it itself; asking later doesn't change it.
 * @see https://wicg.github.io/element-timing/
 */
export async function paintedAfter(app: StartedApp, names: readonly string[]): Promise<number> {
  const expression = `(${lastPaint.toString()})(${JSON.stringify(names)})`
  const { host } = new URL(await app.debugger)
  const deadline = performance.now() + impatienceMs
  while (performance.now() < deadline) {
    // An app that is only just starting may not answer, or lose its page.
    const painted = await evaluateInPage(host, expression).catch(() => null)
    if (painted !== null) return painted - app.startedAt
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
  throw new Error(`nothing was painted:\n${app.output()}`)
}

/** Runs in the page. @returns milliseconds of the epoch */
function lastPaint(names: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const left = new Set(names)
    let latest = 0
    new PerformanceObserver((list, observer) => {
      for (const entry of list.getEntries() as Painted[]) {
        const name = names.length === 0 ? 'first-contentful-paint' : entry.identifier
        if (names.length === 0 ? entry.name !== name : !left.delete(name)) continue
        latest = Math.max(latest, names.length === 0 ? entry.startTime : entry.renderTime)
        if (left.size > 0) continue
        observer.disconnect()
        resolve(performance.timeOrigin + latest)
      }
    }).observe({ type: names.length === 0 ? 'paint' : 'element', buffered: true })
  })
}

interface Evaluated {
  readonly id?: number
  readonly result?: { readonly result: { readonly value?: number } }
}

/** Seldom enough not to slow down what is measured. */
const lookEveryMs = 250
const longestAnswerMs = 10_000
const impatienceMs = 60_000

/** @returns null while there is no page, or one that is only just loading */
async function evaluateInPage(host: string, expression: string): Promise<number | null> {
  const answer = await fetch(`http://${host}/json/list`, { signal: AbortSignal.timeout(longestAnswerMs) })
  const targets = (await answer.json()) as { type: string; webSocketDebuggerUrl: string }[]
  const page = targets.find(({ type }) => type === 'page')
  if (page === undefined) return null
  const socket = new WebSocket(page.webSocketDebuggerUrl)
  const params = { expression, awaitPromise: true }
  socket.addEventListener('open', () =>
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params })),
  )
  return new Promise<number | null>((resolve) => {
    setTimeout(resolve, longestAnswerMs, null).unref()
    socket.addEventListener('close', () => resolve(null))
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as Evaluated
      if (id === 1) resolve(result?.result.value ?? null)
    })
  }).finally(() => socket.close())
}
