import type { Page } from '@playwright/test'
import { quantile } from '../../support/bench-report.ts'
import { cdp } from './browser.ts'

export interface Frames {
  readonly longestMs: number
  readonly p99Ms: number
  /** Of 50 ms and more. */
  readonly longTasks: number
  /** What a frame took of the page's main thread: the steadier figure where others use the machine too. */
  readonly cpuMs: number
  readonly rows: number
  readonly seconds: number
}

/** Slower than this is told as it is: the rows that were reached. */
const mostSeconds = 240
const wheelPx = 3000

/** Turns the wheel from the top until `rows` rows have passed, which are read on the way. */
export async function wheelThrough(page: Page, rows: number): Promise<Frames> {
  const box = await page.locator('.grid').boundingBox()
  if (box === null) throw new Error('there is no list')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  return watched(page, async () => {
    const ends = Date.now() + mostSeconds * 1000
    let reached = 0
    while (reached < rows && Date.now() < ends) {
      for (let turn = 0; turn < 8; turn += 1) await page.mouse.wheel(0, wheelPx)
      reached = await page.evaluate(bottomRow)
    }
  })
}

/** Drags the scroll bar's thumb down and up through all that is there, then jumps about. */
export function dragThrough(page: Page): Promise<Frames> {
  return watched(page, () => page.evaluate(drag))
}

async function watched(page: Page, work: () => Promise<void>): Promise<Frames> {
  const session = await cdp(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const busySeconds = async (): Promise<number> =>
    (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')
      ?.value ?? Number.NaN
  const before = await busySeconds()
  await page.evaluate(startWatching)
  await work()
  const { deltas, longTasks, ms } = await page.evaluate(stopWatching)
  const busyMs = ((await busySeconds()) - before) * 1000
  await session.detach()
  return {
    longestMs: Math.max(...deltas),
    p99Ms: quantile(deltas, 0.99),
    longTasks,
    cpuMs: busyMs / deltas.length,
    rows: await page.evaluate(bottomRow),
    seconds: ms / 1000,
  }
}

interface Watched {
  readonly deltas: number[]
  readonly longTasks: number
  readonly ms: number
}

interface Watching {
  watched: { deltas: number[]; longTasks: number; started: number; observer: PerformanceObserver }
}

// The functions below run in the page.

function startWatching(): void {
  const observer = new PerformanceObserver((list) => {
    watched.longTasks += list.getEntries().length
  })
  const watched = { deltas: [] as number[], longTasks: 0, started: performance.now(), observer }
  observer.observe({ type: 'longtask' })
  ;(window as unknown as Watching).watched = watched
  let last = performance.now()
  const frame = (now: number): void => {
    if ((window as unknown as Watching).watched !== watched) return
    watched.deltas.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame((now) => {
    last = now
    requestAnimationFrame(frame)
  })
}

function stopWatching(): Watched {
  const { watched } = window as unknown as Watching
  ;(window as unknown as Partial<Watching>).watched = undefined as never
  watched.observer.disconnect()
  return { deltas: watched.deltas, longTasks: watched.longTasks, ms: performance.now() - watched.started }
}

/** How many rows of 32 px lie above the lower edge of the view. */
function bottomRow(): number {
  const grid = document.querySelector('.grid') as HTMLElement
  const head = document.querySelector<HTMLElement>('.grid-head')?.offsetHeight ?? 0
  return Math.round((grid.scrollTop + grid.clientHeight - head) / 32)
}

async function drag(): Promise<void> {
  const grid = document.querySelector('.grid') as HTMLElement
  const height = grid.scrollHeight - grid.clientHeight
  const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))
  const steps = 150
  for (let step = 0; step <= steps; step += 1) {
    grid.scrollTop = (height * step) / steps
    await frame()
  }
  for (let step = steps; step >= 0; step -= 1) {
    grid.scrollTop = (height * step) / steps
    await frame()
  }
  // Anywhere, but the same each time.
  for (let jump = 1; jump <= 60; jump += 1) {
    grid.scrollTop = height * ((jump * 0.618) % 1)
    await frame()
    await frame()
  }
  grid.scrollTop = height
  await frame()
}
