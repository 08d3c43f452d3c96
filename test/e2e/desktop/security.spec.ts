import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ElectronApplication, Page } from '@playwright/test'
import { projectFolder } from '../../../src-main/environment.ts'
import type { DesktopBridge } from '../../../src-shared/desktop/bridge.ts'
import type { DesktopInstance } from '../../support/desktop-instance.ts'
import { expect, test as base } from '../fixture.ts'

/**
 * The points of Electron's security checklist, by their numbers there, and the desktop's abuse cases. Point 19, the
 * fuses, and Chromium's own sandbox can only be seen in the packed app: packed.spec.ts.
 *
 * @see https://www.electronjs.org/docs/latest/tutorial/security
 */

const test = base.extend<{ readonly own: DesktopInstance }>({
  // What is refused here is told in the console.
  expected: async ({ browserName: _browserName }, use) =>
    use([/Content Security Policy|Not allowed to|Refused to|ERR_|permission|Failed to load/i]),
  own: async ({ desktop }, use) => {
    if (desktop === null) throw new Error('these tests need the desktop app')
    await use(desktop)
  },
})

interface Preferences {
  readonly [name: string]: unknown
}

/** What the window's page was really made with. */
function pagePreferences(electron: ElectronApplication): Promise<Preferences> {
  return electron.evaluate(({ webContents }) => {
    const [contents] = webContents.getAllWebContents()
    // Not in Electron's types, but in Electron.
    const internal = contents as unknown as { getLastWebPreferences(): Preferences }
    return internal.getLastWebPreferences()
  })
}

/** Every address that the app asks the system to open is kept in a list instead. */
async function watchOpened(electron: ElectronApplication): Promise<() => Promise<string[]>> {
  await electron.evaluate(({ shell }) => {
    const opened: string[] = []
    ;(globalThis as unknown as { opened: string[] }).opened = opened
    shell.openExternal = (url) => {
      opened.push(url)
      return Promise.resolve()
    }
  })
  return () => electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
}

function callBridge(page: Page, name: string, input: unknown): Promise<unknown> {
  return page.evaluate(
    async ([operation, given]) =>
      (window as unknown as { hookbench: DesktopBridge }).hookbench.call(operation as string, given),
    [name, input],
  )
}

const problem = (type: string) => ({ problem: expect.objectContaining({ code: type }) as unknown })

test('1: only the app’s own files are loaded, and nothing over a network', async ({ own, app: page }) => {
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  await page.reload()
  await expect(page.getByText('Receiver is listening')).toBeVisible()
  expect(loaded.length).toBeGreaterThan(2)
  expect(loaded.filter((url) => !url.startsWith('app://hookbench/'))).toEqual([])
  expect(own.page.url()).toMatch(/^app:\/\/hookbench\//)
})

test('2, 20: the page has nothing of Node and Electron, only call and subscribe', async ({ app: page }) => {
  const found = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
      (name) => name in window,
    ),
    bridge: Object.entries((window as unknown as { hookbench: object }).hookbench).map(
      ([name, value]) => `${name}: ${typeof value}`,
    ),
  }))
  expect(found).toEqual({ node: [], bridge: ['call: function', 'subscribe: function'] })
})

test('2, 3, 4, 6, 8, 9, 10: the page’s process is isolated, sandboxed and has no switch thrown', async ({
  own,
  app: _page,
}) => {
  const preferences = await pagePreferences(own.electron)
  expect(preferences).toMatchObject({
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
  })
  expect(preferences['enableBlinkFeatures'] ?? '').toBe('')
  const switches = await own.electron.evaluate(({ app }) =>
    ['disable-web-security', 'ignore-certificate-errors', 'allow-running-insecure-content'].filter((name) =>
      app.commandLine.hasSwitch(name),
    ),
  )
  expect(switches).toEqual([])
})

test('5: abuse 25: every permission is denied', async ({ own, app: page }) => {
  const answers = await page.evaluate(async () => {
    const failed = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'given',
        () => 'denied',
      )
    return {
      notification: await Notification.requestPermission(),
      camera: await failed(navigator.mediaDevices.getUserMedia({ video: true })),
      clipboard: await failed(navigator.clipboard.readText()),
      position: await failed(
        new Promise((resolve, reject) => {
          navigator.geolocation.getCurrentPosition(resolve, reject)
        }),
      ),
    }
  })
  expect(answers).toEqual({
    notification: 'denied',
    camera: 'denied',
    clipboard: 'denied',
    position: 'denied',
  })
  expect((await own.client.call('health.get', {})).status).toBe('ok')
})

test('7: abuse 26: the policy blocks inline scripts and eval', async ({ app: page }) => {
  const blocked = await page.evaluate(async () => {
    const violations: string[] = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      violations.push(effectiveDirective),
    )
    const script = document.createElement('script')
    script.textContent = 'document.title = "inline"'
    document.body.append(script)
    const image = document.createElement('img')
    image.src = 'https://example.invalid/pixel.png'
    document.body.append(image)
    const indirect = window.eval
    // Later, because the test's own way into the page may evaluate.
    const evaluated = await new Promise((resolve) => {
      setTimeout(() => {
        try {
          resolve(indirect('1 + 1'))
        } catch (error) {
          resolve((error as Error).name)
        }
      }, 200)
    })
    return { evaluated, violations, title: document.title }
  })
  expect(blocked.evaluated).toBe('EvalError')
  expect(new Set(blocked.violations)).toEqual(new Set(['img-src', 'script-src-elem']))
  expect(blocked.title).not.toBe('inline')
})

test('11, 12: abuse 25: a webview is not made, and one that is attached is refused', async ({
  own,
  app: page,
}) => {
  await page.evaluate(() => {
    const view = document.createElement('webview')
    view.setAttribute('src', 'https://example.invalid/')
    view.setAttribute('allowpopups', '')
    document.body.append(view)
  })
  await page.waitForTimeout(300)
  const kinds = await own.electron.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((contents) => contents.getType()),
  )
  expect(kinds).toEqual(['window'])
  const prevented = await own.electron.evaluate(({ webContents }) => {
    let refused = false
    const event = {
      preventDefault: () => {
        refused = true
      },
    }
    webContents.getAllWebContents()[0]?.emit('will-attach-webview', event, {}, {})
    return refused
  })
  expect(prevented).toBe(true)
})

test('13: abuse 23: the page goes nowhere else, not by a file dropped on it either', async ({
  own,
  app: page,
}) => {
  const before = page.url()
  for (const address of [
    'https://example.invalid/',
    'file:///etc/hostname',
    'http://127.0.0.1:9/',
    'data:text/html,x',
  ]) {
    await page.evaluate((to) => {
      location.href = to
    }, address)
    await page.waitForTimeout(100)
    expect(page.url()).toBe(before)
  }
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['<h1>dropped</h1>'], 'page.html', { type: 'text/html' }))
    const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
    document.body.dispatchEvent(event)
    if (!event.defaultPrevented) throw new Error('the page would have gone to the file')
  })
  expect(page.url()).toBe(before)
  expect(own.log()).toContain('refused to navigate to https:')
})

test('14, 15: abuse 23, 24: no window is opened; only web addresses are given to the system', async ({
  own,
  app: page,
}) => {
  const opened = await watchOpened(own.electron)
  const refused = [
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://host/share',
    'app://hookbench/index.html',
    'vscode://file/etc/passwd',
    'ms-msdt:/id',
    'https://user:pass@example.invalid/',
    'data:text/html,x',
    'about:blank',
  ]
  for (const url of refused) await page.evaluate((address) => void window.open(address), url)
  await page.evaluate(() => void window.open('https://example.invalid/documentation'))
  await expect.poll(opened).toEqual(['https://example.invalid/documentation'])
  const windows = await own.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
  expect(windows).toBe(1)
})

test('16: the Electron that is shipped is pinned, and is the one of the lock file', () => {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(projectFolder, name), 'utf8'))
  const { devDependencies } = read('package.json') as { devDependencies: Record<string, string> }
  const { packages } = read('package-lock.json') as { packages: Record<string, { version: string }> }
  const pinned = devDependencies['electron']
  expect(pinned).toMatch(/^\d+\.\d+\.\d+$/)
  expect(packages['node_modules/electron']?.version).toBe(pinned)
  // 44 was the oldest that its makers still cared for when this was written.
  expect(Number(pinned?.split('.')[0])).toBeGreaterThanOrEqual(44)
})

test('17: abuse 21: the engine answers the app’s own page only', async ({ own, app: page }) => {
  const callFrom = (url: string): Promise<unknown> =>
    own.electron.evaluate(
      async ({ BrowserWindow }, { address, preload }) => {
        const window = new BrowserWindow({
          show: false,
          webPreferences: { preload, sandbox: true, contextIsolation: true },
        })
        await window.loadURL(address)
        const script = 'hookbench.call("health.get", {})'
        const answer = (await window.webContents.executeJavaScript(script)) as unknown
        window.destroy()
        return answer
      },
      { address: url, preload: join(projectFolder, 'out', 'electron', 'preload.cjs') },
    )
  expect(await callFrom('data:text/html,foreign')).toEqual(problem('forbidden'))
  // Another window with the very same page is none of the app's.
  expect(await callFrom('app://hookbench/index.html')).toEqual(problem('forbidden'))
  const frame = await page.evaluate(async () => {
    const inner = document.createElement('iframe')
    inner.src = 'app://hookbench/index.html'
    document.body.append(inner)
    await new Promise((resolve) => setTimeout(resolve, 300))
    try {
      return 'hookbench' in (inner.contentWindow ?? {}) ? 'has the bridge' : 'has no bridge'
    } catch {
      return 'blocked'
    }
  })
  expect(frame).toBe('blocked')
})

test('18: there is no file:, and app: gives nothing but the page and the documents', async ({
  app: page,
}) => {
  const statusOf = (address: string): Promise<number | string> =>
    page.evaluate(
      (url) =>
        fetch(url).then(
          ({ status }) => status,
          () => 'refused',
        ),
      address,
    )
  expect(await statusOf('app://hookbench/index.html')).toBe(200)
  expect(await statusOf('file:///etc/hostname')).toBe('refused')
  expect(await statusOf('app://elsewhere/index.html')).toBe('refused')
  for (const path of [
    '../../package.json',
    '%2e%2e/%2e%2e/package.json',
    '..%2f..%2fpackage.json',
    'content/health.get',
  ])
    expect(await statusOf(`app://hookbench/${path}`)).toBe(404)
})

test('abuse 22: calls of the wrong shape are refused in bounded time, and nothing breaks', async ({
  own,
  app: page,
}) => {
  expect(await callBridge(page, 'destinations.create', { name: 7 })).toEqual(problem('invalid_input'))
  expect(await callBridge(page, 'no.such', {})).toEqual(problem('route_not_found'))
  expect(await callBridge(page, '__proto__', {})).toEqual(problem('route_not_found'))
  expect(await callBridge(page, 'constructor', {})).toEqual(problem('route_not_found'))
  const inThePage = (script: string): Promise<unknown> =>
    own.electron.evaluate(
      ({ BrowserWindow }, code) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code) as Promise<unknown>,
      `(async () => { try { return await ${script} } catch (error) { return { problem: String(error) } } })()`,
    )
  const refused = [
    'hookbench.call("contacts.create", { workspace_id: "x".repeat(100 * 1024 * 1024) })',
    'hookbench.call("contacts.create", JSON.parse(\'{"__proto__": {"polluted": true}, "workspace_id": 1}\'))',
    'hookbench.call("contacts.create", Array.from({ length: 900 }).reduce((inner) => ({ inner }), {}))',
    'hookbench.call("contacts.create", null)',
    'hookbench.call("contacts.create", new Array(2_000_000).fill(0))',
  ]
  for (const script of refused) expect(await inThePage(script)).toHaveProperty('problem')
  expect(await own.electron.evaluate(() => 'polluted' in {})).toBe(false)
  expect(await callBridge(page, 'health.get', {})).toHaveProperty('value.status', 'ok')
})
