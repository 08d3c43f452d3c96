import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readInstance } from '../../../src-main/data-folder.ts'
import { hookbench } from '../../support/run-command-line.ts'
import { startDesktop, type DesktopInstance } from '../../support/desktop-instance.ts'
import { expect, open, test as base, withoutComplaints } from '../fixture.ts'

/** Starts the app on the test's folder, again and again, with the settings open. */
type Start = (use: (page: Page, desktop: DesktopInstance) => Promise<void>) => Promise<void>

const test = base.extend<{ readonly folder: string; readonly start: Start }>({
  folder: async ({ browserName: _browserName }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'hookbench-desktop-settings-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  },
  start: async ({ display, folder }, use) => {
    await use(async (work) => {
      const desktop = await startDesktop({ display: display.name, folder })
      const { page } = desktop
      await withoutComplaints(page, [], async () => {
        await expect(page.getByText('Receiver is listening')).toBeVisible()
        await open(page, '/settings')
        await work(page, desktop)
      })
      await desktop.quit()
    })
  },
})

async function expectNoViolations(page: Page): Promise<void> {
  // Electron gives the scanner no page of its own to work in.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
}

function preferences(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'desktop', 'preferences.json'), 'utf8')) as Record<
    string,
    unknown
  >
}

test('the desktop’s settings say how the key is kept, and keep what is chosen over a restart', async ({
  start,
  folder,
}) => {
  await start(async (page, { api }) => {
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
    await expect(page.getByRole('region', { name: 'Addresses' })).toContainText(`${api}/api/v1`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await expectNoViolations(page)
      await page.screenshot({
        path: `test-results/screens/desktop-settings-${colorScheme}.png`,
        fullPage: true,
      })
    }
  })
  await start(async (page) => {
    const card = page.getByRole('region', { name: 'Desktop app', exact: true })
    await expect(card.getByLabel('Closing the window')).toHaveValue('quit')
    await expect(card.getByLabel('Notifications')).not.toBeChecked()
  })
})

test('updates are off, want an https feed, and say what went wrong', async ({ start, folder }) => {
  await start(async (page) => {
    const card = page.getByRole('region', { name: 'Updates' })
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
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('What do you want to do?').fill('Check for updates')
    await expect(page.getByRole('option', { name: 'Check for updates' })).toBeVisible()
    await page.keyboard.press('Escape')
  })
})

test('a key that can not be unwrapped is said to be locked, and is set aside for a new one when wanted', async ({
  display,
  folder,
}) => {
  expect(hookbench(['workspaces', 'ls', '--data-dir', folder]).code).toBe(0)
  const wrapped = `keyring:1:${Buffer.from('of another machine').toString('base64')}\n`
  writeFileSync(join(folder, 'key'), wrapped, { mode: 0o600 })
  const { page } = await startDesktop({ display: display.name, folder })
  await expect(page.getByRole('region', { name: 'State of the engine' })).toContainText(
    "Secrets can't be read",
  )
  await page.getByRole('link', { name: 'Settings' }).last().click()
  const key = page.getByRole('region', { name: 'Key of the secrets' })
  await expect(key.getByRole('alert')).toContainText('They are kept, nothing is erased.')
  await expectNoViolations(page)
  await page.screenshot({ path: 'test-results/screens/desktop-locked.png', fullPage: true })
  await key.getByRole('button', { name: 'Start with a new key …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Start with a new key?' })
  await expect(dialog).toContainText('Each has to be set anew.')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(readFileSync(join(folder, 'key'), 'utf8')).toBe(wrapped)
  const before = (await readInstance(folder))?.pid
  await key.getByRole('button', { name: 'Start with a new key …' }).click()
  await dialog.getByRole('button', { name: 'Start with a new key' }).click()
  // It starts again by itself: a process that this test has not started.
  const now = async () => (await readInstance(folder))?.pid ?? before
  await expect.poll(now, { timeout: 60_000 }).not.toBe(before)
  const aside = readdirSync(folder).filter((name) => name.endsWith('.aside'))
  expect(aside.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([wrapped])
  const again = await readInstance(folder)
  if (again === null) throw new Error('it does not run')
  const health = await fetch(`${again.api}/api/v1/health`, {
    headers: { authorization: `Bearer ${again.token}` },
  })
  expect(await health.json()).toMatchObject({ secrets_available: true })
  process.kill(again.pid, 'SIGTERM')
  await expect.poll(() => existsSync(join(folder, 'lock'))).toBe(false)
})
