import { AxeBuilder } from '@axe-core/playwright'
import { _electron, expect, test, type ElectronApplication, type Page } from '@playwright/test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hookbench } from '../support/run-command-line.ts'

const root = join(import.meta.dirname, '..', '..')

interface Desktop {
  readonly app: ElectronApplication
  readonly page: Page
  readonly complaints: string[]
}

async function launch(folder: string): Promise<Desktop> {
  const binaries = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const app = await _electron.launch({
    ...(binaries === undefined ? {} : { executablePath: join(binaries, 'electron') }),
    args: ['--no-sandbox', root, '--data-dir', folder, '--port', '0', '--capture-port', '0'],
  })
  const page = await app.firstWindow()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await expect(page.getByText('Receiver is listening')).toBeVisible()
  await page.evaluate(() => {
    location.hash = '#/settings'
  })
  return { app, page, complaints }
}

async function quit({ app }: Desktop): Promise<void> {
  const closed = app.waitForEvent('close')
  await app.evaluate((electron) => electron.app.quit())
  await closed
}

function preferences(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'desktop', 'preferences.json'), 'utf8')) as Record<
    string,
    unknown
  >
}

let folder: string
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-desktop-settings-'))
})
test.afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

test('the desktop’s settings say how the key is kept, and keep what is chosen over a restart', async () => {
  const first = await launch(folder)
  const { page } = first
  const key = page.getByRole('region', { name: 'Key of the secrets' })
  // No keyring where the tests run; with one the card names it.
  await expect(key.getByText('The key is not encrypted')).toBeVisible()
  expect(existsSync(join(folder, 'key'))).toBe(true)
  const card = page.getByRole('region', { name: 'Desktop app', exact: true })
  await expect(card.getByText(folder, { exact: true })).toBeVisible()
  await expect(card.getByText(join(folder, 'logs', 'desktop.log'))).toBeVisible()
  await expect(card.getByLabel('Open at login')).toBeDisabled()
  await card.getByLabel('Closing the window').selectOption('quits Hookbench')
  await expect.poll(() => preferences(folder)['on_close']).toBe('quit')
  await card.getByLabel('Notifications').uncheck()
  await expect.poll(() => preferences(folder)['notifications']).toBe(false)
  const { api } = JSON.parse(readFileSync(join(folder, 'instance.json'), 'utf8')) as { api: string }
  await expect(page.getByRole('region', { name: 'Addresses' })).toContainText(`${api}/api/v1`)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(({ id }) => id)).toEqual(
      [],
    )
    await page.screenshot({
      path: `test-results/screens/desktop-settings-${colorScheme}.png`,
      fullPage: true,
    })
  }
  expect(first.complaints).toEqual([])
  await quit(first)
  const second = await launch(folder)
  const again = second.page.getByRole('region', { name: 'Desktop app', exact: true })
  await expect(again.getByLabel('Closing the window')).toHaveValue('quit')
  await expect(again.getByLabel('Notifications')).not.toBeChecked()
  await quit(second)
})

test('updates are off, want an https feed, and say what went wrong', async () => {
  const desktop = await launch(folder)
  const card = desktop.page.getByRole('region', { name: 'Updates' })
  await expect(card.getByLabel('Look for updates')).not.toBeChecked()
  await expect(card.getByText('Updates are not looked for.')).toBeVisible()
  await expect(card.getByRole('button', { name: 'Check now' })).toBeDisabled()
  await card.getByLabel('Update feed').fill('http://updates.example.com')
  await card.getByRole('button', { name: 'Save the feed' }).click()
  await expect(card.getByText('must be an https:// address, or empty')).toBeVisible()
  await card.getByLabel('Update feed').fill('https://127.0.0.1:9/hookbench')
  await card.getByRole('button', { name: 'Save the feed' }).click()
  await expect.poll(() => preferences(folder)['update_feed_url']).toBe('https://127.0.0.1:9/hookbench')
  await expect(card.getByText('Updates are not looked for.')).toBeVisible()
  await card.getByLabel('Look for updates').check()
  await expect(card.getByText('It did not work: Only the installed app can be updated.')).toBeVisible()
  await desktop.page.keyboard.press('Control+k')
  await desktop.page.getByPlaceholder('What do you want to do?').fill('Check for updates')
  await expect(desktop.page.getByRole('option', { name: 'Check for updates' })).toBeVisible()
  await desktop.page.keyboard.press('Escape')
  expect(desktop.complaints).toEqual([])
  await quit(desktop)
})

test('a key that can not be unwrapped is said to be locked, and is set aside for a new one when wanted', async () => {
  expect(hookbench(['workspaces', 'ls', '--data-dir', folder]).code).toBe(0)
  const wrapped = `keyring:1:${Buffer.from('of another machine').toString('base64')}\n`
  writeFileSync(join(folder, 'key'), wrapped, { mode: 0o600 })
  const { page } = await launch(folder)
  await expect(page.getByRole('region', { name: 'State of the engine' })).toContainText(
    "Secrets can't be read",
  )
  const key = page.getByRole('region', { name: 'Key of the secrets' })
  await expect(key.getByRole('alert')).toContainText('They are kept, nothing is erased.')
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(({ id }) => id)).toEqual(
    [],
  )
  await page.screenshot({ path: 'test-results/screens/desktop-locked.png', fullPage: true })
  expect(readFileSync(join(folder, 'key'), 'utf8')).toBe(wrapped)
  await key.getByRole('button', { name: 'Start with a new key …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Start with a new key?' })
  await expect(dialog).toContainText('Each has to be set anew.')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(readFileSync(join(folder, 'key'), 'utf8')).toBe(wrapped)
  const before = instancePid(folder)
  await key.getByRole('button', { name: 'Start with a new key …' }).click()
  await dialog.getByRole('button', { name: 'Start with a new key' }).click()
  await expect.poll(() => instancePid(folder) ?? before, { timeout: 60_000 }).not.toBe(before)
  const aside = readdirSync(folder).filter((name) => name.endsWith('.aside'))
  expect(aside.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([wrapped])
  const { api, token } = JSON.parse(readFileSync(join(folder, 'instance.json'), 'utf8')) as Record<
    string,
    string
  >
  const health = await fetch(`${api}/api/v1/health`, { headers: { authorization: `Bearer ${token}` } })
  expect(await health.json()).toMatchObject({ secrets_available: true })
  const pid = instancePid(folder)
  if (pid !== null) process.kill(pid, 'SIGTERM')
  await expect.poll(() => instancePid(folder)).toBeNull()
})

/** Of the Hookbench that has the folder open. */
function instancePid(of: string): number | null {
  try {
    return (JSON.parse(readFileSync(join(of, 'instance.json'), 'utf8')) as { pid: number }).pid
  } catch {
    return null
  }
}
