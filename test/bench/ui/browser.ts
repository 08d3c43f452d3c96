import { readFile } from 'node:fs/promises'
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from '@playwright/test'
import { browserLaunch } from '../../support/browser.ts'
import { loginLink, type ServedInstance } from '../../support/served-instance.ts'

/** A browser of its own, ended when the work is. */
export async function withBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch(browserLaunch)
  try {
    return await work(browser)
  } finally {
    await browser.close()
  }
}

const viewport = { width: 1280, height: 800 }

/** The cookies of a page that is logged in; a new context with them has an empty cache. */
export async function logIn(browser: Browser, instance: ServedInstance): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  await page.goto(await loginLink(instance))
  await page.getByText('Receiver is listening').waitFor()
  const storageState = await context.storageState()
  await context.close()
  return browser.newContext({ viewport, storageState })
}

export async function cdp(page: Page): Promise<CDPSession> {
  return page.context().newCDPSession(page)
}

export interface PageMemory {
  /** What is reachable, after a collection. */
  readonly heapBytes: number
  /** Of the page's process: its own pages, and its share of those that it shares with others. */
  readonly pssBytes: number
  readonly rssBytes: number
}

/** @param page the only one of its browser */
export async function memoryOf(browser: Browser, page: Page): Promise<PageMemory> {
  const session = await cdp(page)
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  const whole = await browser.newBrowserCDPSession()
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo')
  await whole.detach()
  const renderers = await Promise.all(
    processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id)),
  )
  // Chromium keeps an empty process at hand for the next page.
  const largest = renderers.reduce((a, b) => (b.rssBytes > a.rssBytes ? b : a))
  return { heapBytes: usedSize, ...largest }
}

async function residentBytes(pid: number): Promise<{ pssBytes: number; rssBytes: number }> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  const of = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024
  return { pssBytes: of('Pss'), rssBytes: of('Rss') }
}
