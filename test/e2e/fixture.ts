import { test as base, expect, type Page } from '@playwright/test'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loginLink, serveInstance, type ServedInstance } from '../support/served-instance.ts'

/** A receiver of the test's own: answers what it is told, and keeps what came. */
export interface Receiver {
  readonly url: string
  readonly requests: {
    readonly path: string
    readonly headers: Record<string, unknown>
    readonly body: string
  }[]
  answer: number
}

interface Fixtures {
  /** Complaints of the browser that a test expects: a server that is away can't be asked without one. */
  readonly expected: RegExp[]
  readonly instance: ServedInstance
  readonly receiver: Receiver
  /** The page, logged in, on the overview. */
  readonly app: Page
}

/** Every test fails on an error or a warning in the console, a script's error, or a violation of the CSP. */
export const test = base.extend<Fixtures>({
  expected: async ({ browserName: _browserName }, use) => use([]),
  instance: async ({ browserName: _browserName }, use) => {
    const instance = await serveInstance()
    await use(instance)
    await instance.stop()
  },
  receiver: async ({ browserName: _browserName }, use) => {
    const requests: Receiver['requests'] = []
    const receiver = { url: '', requests, answer: 200 }
    const server = await listen((path, headers, body) => {
      requests.push({ path, headers, body })
      return receiver.answer
    })
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await use(receiver)
    server.closeAllConnections()
    server.close()
  },
  page: async ({ page, expected }, use) => {
    const complaints: string[] = []
    watch(page, complaints)
    await use(page)
    expect(complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))).toEqual([])
  },
  app: async ({ page, instance }, use) => {
    await page.goto(await loginLink(instance))
    await expect(
      page.getByRole('navigation', { name: 'Screens' }).getByText('Receiver is listening'),
    ).toBeVisible()
    await use(page)
    // Before its server goes away, which the page would notice.
    await page.goto('about:blank')
  },
})
export { expect, loginLink }

export function watch(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
}

/** Opens a screen by its address, as a link would. */
export async function open(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = `#${to}`
  }, path)
}

type Answer = (path: string, headers: Record<string, unknown>, body: string) => number

function listen(answer: Answer): Promise<Server> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      response.statusCode = answer(request.url ?? '', request.headers, Buffer.concat(parts).toString('utf8'))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ answered: response.statusCode }))
    })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
