import { test as base, expect, type Page } from '@playwright/test'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client } from '../../src-shared/api/client.ts'
import type { Workspace } from '../../src-shared/model/workspace.ts'
import { startDesktop, type DesktopInstance } from '../support/desktop-instance.ts'
import { startDisplay, type Display } from '../support/display.ts'
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

/** A Hookbench with a page, whichever face it shows. */
export type Instance = Pick<ServedInstance, 'api' | 'capture' | 'token' | 'folder' | 'client' | 'log'>

export interface FaceOption {
  /** What the page runs in: a browser, beside the served UI, or the desktop app. */
  readonly face: 'browser' | 'desktop'
}

interface Fixtures extends FaceOption {
  /** The desktop app, when that is the face. */
  readonly desktop: DesktopInstance | null
  /** Complaints of the browser that a test expects: a server that is away can't be asked without one. */
  readonly expected: RegExp[]
  readonly instance: Instance
  readonly receiver: Receiver
  /** The page, logged in, on the overview. */
  readonly app: Page
  /** Reads what was copied. */
  readonly clipboard: () => Promise<string>
}

interface WorkerFixtures {
  readonly display: Display
}

/** Every test fails on an error or a warning in the console, a script's error, or a violation of the CSP. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  face: ['browser', { option: true }],
  display: [
    async ({ browserName: _browserName }, use) => {
      const display = await startDisplay()
      await use(display)
      display.stop()
    },
    { scope: 'worker' },
  ],
  desktop: async ({ face, display }, use) => {
    const desktop = face === 'desktop' ? await startDesktop({ display: display.name }) : null
    await use(desktop)
    await desktop?.quit()
  },
  expected: async ({ browserName: _browserName }, use) => use([]),
  instance: async ({ desktop }, use) => {
    const served = desktop === null ? await serveInstance() : null
    await use(served ?? (desktop as DesktopInstance))
    await served?.stop()
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
    await withoutComplaints(page, expected, () => use(page))
  },
  app: async ({ page, instance, desktop, expected }, use) => {
    const shown = desktop?.page ?? page
    const useWhenReady = async (): Promise<void> => {
      const screens = shown.getByRole('navigation', { name: 'Screens' })
      await expect(screens.getByText('Receiver is listening')).toBeVisible()
      await use(shown)
    }
    if (desktop !== null) {
      await withoutComplaints(shown, expected, useWhenReady)
      return
    }
    await page.goto(await loginLink(instance))
    await useWhenReady()
    // Before its server goes away, which the page would notice.
    await page.goto('about:blank')
  },
  clipboard: async ({ desktop, context, page }, use) => {
    if (desktop === null) await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await use(() =>
      desktop === null
        ? page.evaluate(() => navigator.clipboard.readText())
        : desktop.electron.evaluate(({ clipboard }) => clipboard.readText()),
    )
  },
})
export { expect, loginLink }

/** @throws Error when the page complains of anything that is not expected while `work` runs */
export async function withoutComplaints(
  page: Page,
  expected: readonly RegExp[],
  work: () => Promise<void>,
): Promise<void> {
  const complaints: string[] = []
  watch(page, complaints)
  await work()
  expect(complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))).toEqual([])
}

export function watch(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
}

/** The workspace that a fresh folder has. */
export async function firstWorkspace(client: Client): Promise<Workspace> {
  const [workspace] = (await client.call('workspaces.list', {})).items
  if (workspace === undefined) throw new Error('no workspace')
  return workspace
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

/** Opens the palette by its key, and waits until it takes what is typed. */
export async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Commands' })).toBeFocused()
}
