import { _electron, type ElectronApplication } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readInstance } from '../../../src-main/data-folder.ts'
import { createClient, type Client } from '../../../src-shared/api/client.ts'
import { createHttpTransport } from '../../../src-shared/api/http-transport.ts'
import { desktopArguments, desktopEnvironment, electronOrThrow } from '../../support/desktop-instance.ts'
import { expect, firstWorkspace, test, type Receiver } from '../fixture.ts'

/** Keeps the notifications that the app would have shown. */
async function keepNotices(electron: ElectronApplication): Promise<void> {
  await electron.evaluate(({ Notification }) => {
    const shown: Electron.Notification[] = []
    ;(globalThis as unknown as { shown: typeof shown }).shown = shown
    Notification.isSupported = () => true
    Notification.prototype.show = function show(this: Electron.Notification) {
      shown.push(this)
    }
  })
}

const titles = (electron: ElectronApplication): Promise<string[]> =>
  electron.evaluate(() =>
    (globalThis as unknown as { shown: Electron.Notification[] }).shown.map(({ title }) => title),
  )

const clickFirst = (electron: ElectronApplication): Promise<void> =>
  electron.evaluate(() => {
    ;(globalThis as unknown as { shown: Electron.Notification[] }).shown[0]?.emit('click')
  })

/** As often as it takes until the failures of a destination are told. */
async function failThreeTimes(client: Client, receiver: Receiver): Promise<void> {
  const workspace = await firstWorkspace(client)
  const { id } = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Always down',
    url_template: receiver.url,
    retry_policy: { delays_seconds: [] },
  })
  receiver.answer = 500
  for (let count = 0; count < 3; count += 1) await client.call('destinations.test', { id })
}

test('a destination that keeps failing is notified, and a click opens it', async ({
  desktop,
  app: page,
  receiver,
}) => {
  if (desktop === null) throw new Error('this test needs the desktop app')
  await keepNotices(desktop.electron)
  await failThreeTimes(desktop.client, receiver)
  await expect.poll(() => titles(desktop.electron)).toEqual(['Always down keeps failing'])
  await clickFirst(desktop.electron)
  await expect(page.getByRole('heading', { name: 'Always down' })).toBeVisible()
})

test('a notification of an app that was started without a window opens the window at what it tells', async ({
  display,
  receiver,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'hookbench-notices-'))
  const electron = await _electron.launch({
    executablePath: electronOrThrow(),
    args: desktopArguments(folder, ['--hidden']),
    env: desktopEnvironment(display.name),
  })
  await expect.poll(() => readInstance(folder)).not.toBeNull()
  const instance = await readInstance(folder)
  if (instance === null) throw new Error('it does not run')
  await keepNotices(electron)
  const fetchIt: typeof fetch = (url, init) => fetch(url, init)
  const client = createClient(createHttpTransport(`${instance.api}/api/v1`, fetchIt, instance.token))
  await failThreeTimes(client, receiver)
  await expect.poll(() => titles(electron)).toEqual(['Always down keeps failing'])
  expect(await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0)
  await clickFirst(electron)
  const page = await electron.firstWindow()
  await expect(page.getByRole('heading', { name: 'Always down' })).toBeVisible()
  const ended = new Promise((resolve) => electron.process().once('exit', resolve))
  electron.process().kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
