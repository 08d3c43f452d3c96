import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { startChild } from '../support/bench-child.ts'
import { withScratchFolder } from '../support/bench-host.ts'
import { median, megabytes, milliseconds, quantile, type BenchReport } from '../support/bench-report.ts'
import { serveInstance, type ServedInstance } from '../support/served-instance.ts'
import { arrivals } from './ui/arrival.ts'
import { serveBareList } from './ui/bare-list.ts'
import { logIn, memoryOf, withBrowser, type PageMemory } from './ui/browser.ts'
import { firstPaint } from './ui/first-paint.ts'
import { dragThrough, wheelThrough, type Frames } from './ui/scrolling.ts'
import { simulateStream } from './ui/simulated-stream.ts'

const things = 100_000
const rounds = 7
const rate = 200
const arrivalSeconds = 20
/** Half of them are followed, half are held back. */
const hourOfEvents = rate * 3600

type Rows = string[][]
interface Measured {
  readonly rows: Rows
  readonly figures: Record<string, number>
}

/** The built UI in a real browser, against the built `serve` on a full folder. */
export async function ui(): Promise<BenchReport> {
  return withScratchFolder(async (scratch) => {
    const folder = join(scratch, 'data')
    await build(folder)
    const instance = await serveInstance([], folder)
    const bare = await serveBareList(await instance.client.call('deliveries.list', { limit: 100 }))
    try {
      const parts: Measured[] = []
      for (const measure of [paint, scrolling, arriving, remembering])
        parts.push(await measure(instance, bare.url))
      return report(parts)
    } finally {
      bare.stop()
      await instance.stop()
    }
  })
}

async function build(folder: string): Promise<void> {
  const file = new URL('children/build-history.ts', import.meta.url)
  const child = startChild(file, [folder, String(things), '0', String(things)])
  try {
    await child.next()
  } finally {
    await child.stop()
  }
}

const screens = {
  deliveries: ['#/deliveries', '.grid-row'],
  captures: ['#/captures', '.grid-row'],
  overview: ['#/', 'main a[href^="#/captures/"]'],
} as const

function paint(instance: ServedInstance, bareUrl: string): Promise<Measured> {
  return withBrowser(async (browser) => {
    const rows: Rows = []
    const figures: Record<string, number> = {}
    const measure = async (name: string, url: string, selector: string): Promise<void> => {
      const cold: number[] = []
      const warm: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const context = await logIn(browser, instance)
        cold.push(await firstPaint(context, url, selector))
        warm.push(await firstPaint(context, url, selector))
        await context.close()
      }
      figures[`${name} cold paint ms`] = median(cold)
      figures[`${name} warm paint ms`] = median(warm)
      rows.push([
        `first paint with rows: ${name}`,
        milliseconds(median(cold)),
        `${milliseconds(median(warm))} with a warm cache`,
        name === 'bare list' ? 'baseline' : '< 1500 ms',
      ])
    }
    for (const [name, [hash, selector]] of Object.entries(screens))
      await measure(name, `${instance.api}/${hash}`, selector)
    await measure('bare list', bareUrl, '.grid-row')
    return { rows, figures }
  })
}

function scrolling(instance: ServedInstance, bareUrl: string): Promise<Measured> {
  return withBrowser(async (browser) => {
    const rows: Rows = []
    const figures: Record<string, number> = {}
    const context = await logIn(browser, instance)
    const measure = async (name: string, url: string): Promise<void> => {
      const page = await context.newPage()
      await page.goto(url)
      await page.locator('.grid-row').first().waitFor()
      const kinds = { wheel: await wheelThrough(page, things), 'scroll bar': await dragThrough(page) }
      for (const [kind, frames] of Object.entries(kinds)) {
        figures[`${name} ${kind} longest frame ms`] = frames.longestMs
        figures[`${name} ${kind} p99 frame ms`] = frames.p99Ms
        figures[`${name} ${kind} main thread ms a frame`] = frames.cpuMs
        rows.push(frameRow(`${name}, ${kind}`, frames, name === 'bare list'))
      }
      const memory = await memoryOf(browser, page)
      figures[`${name} heap after scrolling bytes`] = memory.heapBytes
      rows.push(memoryRow(`${name}, all of it read`, memory, name === 'bare list'))
      await page.close()
    }
    for (const name of ['deliveries', 'captures'] as const)
      await measure(name, `${instance.api}/${screens[name][0]}`)
    await measure('bare list', bareUrl)
    return { rows, figures }
  })
}

function frameRow(
  name: string,
  { longestMs, p99Ms, longTasks, cpuMs, rows, seconds }: Frames,
  bare: boolean,
): string[] {
  return [
    `longest frame: ${name}`,
    milliseconds(longestMs),
    `p99 ${milliseconds(p99Ms)}, main thread ${cpuMs.toFixed(1)} ms a frame, ${longTasks} tasks above 50 ms, ${rows.toLocaleString('en-US')} rows in ${seconds.toFixed(0)} s`,
    bare ? 'baseline' : '< 50 ms',
  ]
}

function memoryRow(name: string, { heapBytes, pssBytes, rssBytes }: PageMemory, bare: boolean): string[] {
  return [
    `memory: ${name}`,
    megabytes(pssBytes),
    `PSS; RSS ${megabytes(rssBytes)}, heap ${megabytes(heapBytes)}`,
    bare ? 'baseline' : '< 300 MB',
  ]
}

async function opened(browser: Browser, instance: ServedInstance, hash: string): Promise<Page> {
  const context = await logIn(browser, instance)
  const page = await context.newPage()
  await page.goto(`${instance.api}/${hash}`)
  await page.locator('.grid-row').first().waitFor()
  return page
}

function arriving(instance: ServedInstance): Promise<Measured> {
  return withBrowser(async (browser) => {
    const page = await opened(browser, instance, '#/captures')
    const { onScreenMs, inStreamMs, perSecond } = await arrivals(page, instance, rate, arrivalSeconds)
    const row = (name: string, all: readonly number[], aim: string): string[] => [
      name,
      milliseconds(quantile(all, 0.99)),
      `p99; p50 ${milliseconds(median(all))}, ${all.length} captures, ${perSecond.toFixed(0)}/s`,
      aim,
    ]
    return {
      rows: [
        row('capture until its row is on screen', onScreenMs, '< 150 ms'),
        row('capture until a bare reader of the stream has it', inStreamMs, 'baseline'),
      ],
      figures: {
        'arrival on screen p50 ms': median(onScreenMs),
        'arrival on screen p99 ms': quantile(onScreenMs, 0.99),
        'arrival in stream p50 ms': median(inStreamMs),
        'arrival in stream p99 ms': quantile(inStreamMs, 0.99),
      },
    }
  })
}

async function remembering(instance: ServedInstance, bareUrl: string): Promise<Measured> {
  const bare = await withBrowser(async (browser) => {
    const page = await browser.newPage()
    await page.goto(bareUrl)
    return memoryOf(browser, page)
  })
  const [fresh, followed, held] = await withBrowser(async (browser) => {
    const [like] = (await instance.client.call('captures.list', { limit: 1 })).items
    if (like === undefined) throw new Error('nothing was captured')
    const context = await logIn(browser, instance)
    const page = await context.newPage()
    const stream = await simulateStream(page, like)
    await page.goto(`${instance.api}/#/captures`)
    await page.locator('.grid-row').first().waitFor()
    const before = await memoryOf(browser, page)
    await stream.push(hourOfEvents / 2)
    const whileFollowing = await memoryOf(browser, page)
    await page.locator('.grid-row').nth(3).click()
    await stream.push(hourOfEvents / 2)
    return [before, whileFollowing, await memoryOf(browser, page)] as const
  })
  return {
    rows: [
      memoryRow('captures, just opened', fresh, false),
      memoryRow('after half an hour at 200/s, followed', followed, false),
      memoryRow('after an hour at 200/s, the second half held back', held, false),
      memoryRow('bare list', bare, true),
    ],
    figures: {
      'fresh pss bytes': fresh.pssBytes,
      'hour pss bytes': held.pssBytes,
      'hour heap bytes': held.heapBytes,
      'bare pss bytes': bare.pssBytes,
    },
  }
}

function report(parts: readonly Measured[]): BenchReport {
  return {
    name: 'ui',
    about: `the built UI in Chromium, against serve with ${things.toLocaleString('en-US')} deliveries and as many captures`,
    columns: ['', 'figure', '', 'aim'],
    rows: parts.flatMap(({ rows }) => rows),
    notes: [
      `First paints are medians of ${rounds}, from the navigation on. Frames are as long as requestAnimationFrame says.`,
      'Arrivals count from before the request is sent, in one clock; PSS is of the whole process of the page.',
    ],
    figures: Object.assign({}, ...parts.map(({ figures }) => figures)) as Record<string, number>,
  }
}
