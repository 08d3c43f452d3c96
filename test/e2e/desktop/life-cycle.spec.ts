import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication, Page } from '@playwright/test'
import {
  desktopArguments,
  desktopEnvironment,
  electronOrThrow,
  startDesktop,
  type DesktopInstance,
} from '../../support/desktop-instance.ts'
import { readInstance } from '../../../src-main/data-folder.ts'
import { projectFolder } from '../../../src-main/environment.ts'
import { startRawReceiver } from '../../support/raw-receiver.ts'
import { builtCommand, serveInstance } from '../../support/served-instance.ts'
import { expect, firstWorkspace, test as base } from '../fixture.ts'

/** A data folder that outlives the app, and a way to start it there, again and again. */
const test = base.extend<{
  readonly folder: string
  readonly startApp: (...given: string[]) => Promise<DesktopInstance>
}>({
  folder: async ({ browserName: _browserName }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'hookbench-desktop-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  },
  startApp: async ({ display, folder }, use) => {
    const started: DesktopInstance[] = []
    await use(async (...given) => {
      const instance = await startDesktop({ display: display.name, folder, arguments: given })
      started.push(instance)
      return instance
    })
    for (const instance of started) await instance.quit()
  },
})

const bounds = { x: 120, y: 90, width: 1010, height: 660 }

function windowState(electron: ElectronApplication) {
  return electron.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    return {
      count: BrowserWindow.getAllWindows().length,
      visible: window?.isVisible() ?? false,
      bounds: window?.getNormalBounds(),
    }
  })
}

async function destinationAt(instance: DesktopInstance, url: string, delaySeconds: number): Promise<string> {
  const { client } = instance
  const { id } = await client.call('destinations.create', {
    workspace_id: (await firstWorkspace(client)).id,
    name: 'Far away',
    url_template: url,
    retry_policy: { delays_seconds: [delaySeconds, delaySeconds, delaySeconds] },
  })
  return id
}

/** Runs the command line beside the app. */
function command(folder: string, ...given: string[]) {
  return spawnSync(process.execPath, [builtCommand, ...given, '--data-dir', folder], {
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, HOOKBENCH_DATA_DIR: undefined },
  })
}

async function shows(page: Page, text: string): Promise<void> {
  await expect(page.getByText(text).first()).toBeVisible()
}

test('kill -9 of the main process loses nothing, and the window comes back as it was', async ({
  startApp,
  receiver,
}) => {
  const first = await startApp()
  await first.electron.evaluate(
    ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setBounds(wanted),
    bounds,
  )
  const { bounds: placed } = await windowState(first.electron)
  const destination = await destinationAt(first, receiver.url, 2)
  receiver.answer = 500
  const ids: string[] = []
  for (let count = 0; count < 20; count += 1) {
    const { deliveries } = await first.client.call('destinations.test', { id: destination })
    ids.push(...deliveries.map(({ id }) => id))
  }
  await expect.poll(() => receiver.requests.length).toBeGreaterThan(3)
  // What moved the window is written a moment later.
  await expect.poll(() => command(first.folder, 'deliveries', 'ls', '--json').status).toBe(0)
  await first.page.waitForTimeout(600)
  await first.kill()
  receiver.answer = 200

  const second = await startApp()
  expect((await windowState(second.electron)).bounds).toEqual(placed)
  for (const id of ids)
    await expect
      .poll(async () => (await second.client.call('deliveries.get', { id })).status)
      .toBe('succeeded')
})

test('a second start shows the first one’s window; commands attach; serve names the owner', async ({
  startApp,
  display,
  folder,
}) => {
  const { electron, api } = await startApp()
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
  const again = spawnSync(electronOrThrow(), desktopArguments(folder), {
    encoding: 'utf8',
    env: desktopEnvironment(display.name),
    timeout: 30_000,
    killSignal: 'SIGKILL',
  })
  expect(again.stderr).toContain('running already')
  expect(again.status).toBe(0)
  await expect.poll(async () => (await windowState(electron)).visible).toBe(true)
  expect((await windowState(electron)).count).toBe(1)

  const triggered = command(folder, 'trigger', 'contact.created')
  expect(triggered.stderr).toBe('')
  expect(triggered.status).toBe(0)
  const serve = command(folder, 'serve')
  expect(serve.status).toBe(3)
  expect(serve.stderr).toContain('desktop app')
  expect(api).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
})

test('a folder that the command line has open is left alone, and the owner is named', async ({ display }) => {
  const served = await serveInstance()
  const app = spawn(electronOrThrow(), desktopArguments(served.folder), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: desktopEnvironment(display.name),
  })
  let said = ''
  app.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  // It says the same in a dialog, which nobody answers here.
  await expect.poll(() => said).toContain(`${served.process.pid}`)
  app.kill('SIGKILL')
  await new Promise((resolve) => app.once('exit', resolve))
  await served.client.call('health.get', {})
  await served.stop()
})

test('quits within 10 s with deliveries under way, which are repeated after the next start', async ({
  startApp,
}) => {
  const silent = await startRawReceiver(() => undefined)
  const first = await startApp()
  const destination = await destinationAt(first, silent.url, 1)
  const { deliveries } = await first.client.call('destinations.test', { id: destination })
  const id = deliveries[0]?.id
  if (id === undefined) throw new Error('no delivery')
  await expect.poll(async () => (await first.client.call('deliveries.get', { id })).status).toBe('processing')
  const started = performance.now()
  const code = await first.quit()
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(code).toBe(0)
  expect(first.log()).toContain('ended')
  await silent[Symbol.asyncDispose]()

  const second = await startApp()
  const status = async (): Promise<string> => (await second.client.call('deliveries.get', { id })).status
  await expect.poll(status).toMatch(/retrying|failed/)
})

test('a page whose process crashed is there again', async ({ startApp }) => {
  const { electron, page, client, log } = await startApp()
  await shows(page, 'Send your first event')
  await electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
  )
  await expect.poll(log).toContain("the page's process ended")
  const readAgain = (): Promise<string> =>
    electron.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      if (contents === undefined || contents.isCrashed() || contents.isLoading()) return ''
      return (await contents.executeJavaScript('document.body.innerText')) as string
    })
  await expect.poll(readAgain).toContain('Send your first event')
  expect((await client.call('health.get', {})).status).toBe('ok')
})

test('closing the window asks once whether to go on in the tray, and does', async ({ startApp }) => {
  const { electron, client } = await startApp()
  const answerWith = (response: number): Promise<void> =>
    electron.evaluate(({ dialog }, chosen) => {
      const asked = globalThis as unknown as { asked?: number }
      asked.asked ??= 0
      dialog.showMessageBox = () => {
        asked.asked = (asked.asked ?? 0) + 1
        return Promise.resolve({ response: chosen, checkboxChecked: false })
      }
    }, response)
  const close = (): Promise<void> =>
    electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  const asked = (): Promise<number> =>
    electron.evaluate(() => (globalThis as unknown as { asked: number }).asked)
  await answerWith(2)
  await close()
  await expect.poll(asked).toBe(1)
  expect((await windowState(electron)).visible).toBe(true)
  await answerWith(0)
  await close()
  await expect.poll(async () => (await windowState(electron)).visible).toBe(false)
  expect(await asked()).toBe(2)
  expect((await client.call('health.get', {})).status).toBe('ok')
  await electron.evaluate(({ app }) => app.emit('activate'))
  await expect.poll(async () => (await windowState(electron)).visible).toBe(true)
  await close()
  await expect.poll(async () => (await windowState(electron)).visible).toBe(false)
  expect(await asked()).toBe(2)
})

test('starts hidden, and goes on receiving', async ({ display, folder }) => {
  const app = spawn(electronOrThrow(), desktopArguments(folder, ['--hidden']), {
    stdio: 'ignore',
    env: desktopEnvironment(display.name),
  })
  // Before it is there, a command would take the folder.
  await expect.poll(() => readInstance(folder)).not.toBeNull()
  expect(command(folder, 'trigger', 'contact.created').status).toBe(0)
  await expect.poll(() => command(folder, 'captures', 'ls', '--json').stdout).toContain('verified')
  app.kill('SIGTERM')
  expect(await new Promise((resolve) => app.once('exit', resolve))).toBe(0)
})

test('npm run desktop opens it, and hands on the signal that ends it', async ({ display, folder }) => {
  const [, ...given] = desktopArguments(folder)
  const script = join(projectFolder, 'src-main', 'start.ts')
  const started = spawn(process.execPath, [script, 'desktop', ...given], {
    stdio: 'ignore',
    env: desktopEnvironment(display.name),
  })
  await expect.poll(() => readInstance(folder)).not.toBeNull()
  started.kill('SIGTERM')
  expect(await new Promise((resolve) => started.once('exit', resolve))).toBe(0)
  expect(await readInstance(folder)).toBeNull()
})

test('no secret is in the log', async ({ startApp }) => {
  const instance = await startApp()
  const { client, token, log } = instance
  await client.call('destinations.create', {
    workspace_id: (await firstWorkspace(client)).id,
    name: 'Known',
    url_template: 'http://127.0.0.1:9/closed',
    secret: 'not-to-be-read-anywhere',
  })
  await instance.quit()
  expect(log()).toContain('started')
  for (const text of [token, 'not-to-be-read-anywhere']) expect(log()).not.toContain(text)
})
