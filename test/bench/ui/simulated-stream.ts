import type { Page } from '@playwright/test'
import type { CaptureSummary } from '../../../src-shared/model/capture.ts'

/** An event stream of the page's own, as the server would write it, but as fast as the page takes it. */
export interface SimulatedStream {
  /** Lets this many captures arrive. */
  push(count: number): Promise<void>
}

/** Must be called before the page loads. @param like what all of them resemble */
export async function simulateStream(page: Page, like: CaptureSummary): Promise<SimulatedStream> {
  await page.addInitScript(replaceStream, like)
  return {
    push: (count) => page.evaluate((more) => (window as unknown as Simulated).pushCaptures(more), count),
  }
}

interface Simulated {
  pushCaptures(count: number): Promise<void>
}

/** Runs in the page, before its own scripts. */
function replaceStream(like: CaptureSummary): void {
  const real = window.fetch
  const encoder = new TextEncoder()
  let pushed = 0
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  const message = (event: string, data: unknown): string =>
    `id: simulated-${pushed}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
  const capture = (): string => {
    pushed += 1
    return message('capture', {
      ...like,
      id: `f0000000-0000-7000-8000-${String(pushed).padStart(12, '0')}`,
      received_at: new Date().toISOString(),
      target: `/in/sample?n=${pushed}`,
    })
  }
  window.fetch = (input, init) => {
    if (!(input instanceof Request) && String(input).endsWith('/api/v1/stream')) {
      const body = new ReadableStream<Uint8Array>({
        start(given) {
          controller = given
          given.enqueue(encoder.encode(message('ready', {})))
        },
      })
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
    }
    return real(input, init)
  }
  ;(window as unknown as Simulated).pushCaptures = async (count) => {
    const each = 100
    for (let left = count; left > 0; left -= each) {
      const text = Array.from({ length: Math.min(each, left) }, capture).join('')
      controller?.enqueue(encoder.encode(text))
      await new Promise((resolve) => setTimeout(resolve))
    }
    // What the page gathers is on its way for a moment.
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
