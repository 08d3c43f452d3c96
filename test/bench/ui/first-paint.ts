import type { BrowserContext } from '@playwright/test'

/** @returns milliseconds from the navigation until what the selector names has been painted, in the page's clock */
export async function firstPaint(context: BrowserContext, url: string, selector: string): Promise<number> {
  const page = await context.newPage()
  try {
    await page.addInitScript(noteFirstPaint, selector)
    await page.goto(url, { waitUntil: 'commit' })
    return await page.evaluate(() => (window as unknown as Noted).painted)
  } finally {
    await page.close()
  }
}

interface Noted {
  painted: Promise<number>
}

/** Runs in the page, before its own scripts. */
function noteFirstPaint(selector: string): void {
  const noted = window as unknown as Noted
  noted.painted = new Promise((resolve) => {
    const look = (): void => {
      if (document.querySelector(selector) === null) {
        requestAnimationFrame(look)
        return
      }
      // A message that is sent in a frame comes when that frame has been painted.
      const channel = new MessageChannel()
      channel.port1.addEventListener('message', () => resolve(performance.now()))
      channel.port1.start()
      channel.port2.postMessage(null)
    }
    requestAnimationFrame(look)
  })
}
