import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication } from '@playwright/test'
import type { DesktopInstance } from '../../support/desktop-instance.ts'
import { expect, open, test as base } from '../fixture.ts'

const test = base.extend<{ readonly own: DesktopInstance; readonly files: string }>({
  own: async ({ desktop }, use) => {
    if (desktop === null) throw new Error('these tests need the desktop app')
    await use(desktop)
  },
  files: async ({ browserName: _browserName }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'hookbench-files-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
})

/** Clicks an item of the native menu, as its user would. @returns false when there is no such item */
function choose(electron: ElectronApplication, label: string): Promise<boolean> {
  return electron.evaluate(({ Menu }, wanted) => {
    for (const { submenu } of Menu.getApplicationMenu()?.items ?? []) {
      const item = submenu?.items.find((each) => each.label === wanted)
      if (item === undefined) continue
      item.click()
      return true
    }
    return false
  }, label)
}

const configuration = (name: string): string => `version: hookbench.config/v1
workspaces:
  - name: ${name}
    provider: leadpush
`

test('the menu has the palette’s actions with their keys, and does them', async ({ own, app: page }) => {
  const { electron } = own
  const keys = (): Promise<Record<string, string | null>> =>
    electron.evaluate(({ Menu }) =>
      Object.fromEntries(
        (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) =>
          (submenu?.items ?? []).map(({ label, accelerator }) => [label, accelerator ?? null]),
        ),
      ),
    )
  await expect.poll(async () => Object.keys(await keys())).toContain('Go to Captures')
  expect((await keys())['Go to Captures']).toBe('4')
  expect(await choose(electron, 'Go to Captures')).toBe(true)
  await expect.poll(() => page.url()).toContain('#/captures')
  await open(page, '/destinations')
  await expect.poll(() => choose(electron, 'New destination')).toBe(true)
  await expect(page.getByRole('heading', { name: 'New destination' })).toBeVisible()
})

test('a configuration is chosen from the menu, its plan shown, and imported', async ({
  own,
  app: page,
  files,
}) => {
  const path = join(files, 'team.yaml')
  writeFileSync(path, configuration('From a file'))
  await own.electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
  }, path)
  expect(await choose(own.electron, 'Import a Configuration …')).toBe(true)
  const plan = page.getByRole('dialog', { name: /import/i })
  await expect(plan).toContainText('From a file')
  await plan.getByRole('button', { name: /^Apply/ }).click()
  const names = async (): Promise<string[]> =>
    (await own.client.call('workspaces.list', {})).items.map(({ name }) => name)
  await expect.poll(names).toContain('From a file')
})

test('a configuration that is dropped on the window shows its plan; another file is refused', async ({
  app: page,
}) => {
  const drop = (name: string, text: string): Promise<void> =>
    page.evaluate(
      ([fileName, content]) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([content ?? ''], fileName ?? ''))
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
      },
      [name, text],
    )
  await drop('photo.png', 'x')
  await expect(page.getByText('Only a configuration file').first()).toBeVisible()
  await drop('team.yaml', configuration('Dropped here'))
  await expect(page.getByRole('dialog', { name: /import/i })).toContainText('Dropped here')
})

test('the configuration is saved where the user says', async ({ own, app: page, files }) => {
  const path = join(files, 'saved.yaml')
  await own.electron.evaluate(({ session }, chosen) => {
    session.defaultSession.on('will-download', (_event, item) => item.setSavePath(chosen))
  }, path)
  await open(page, '/settings')
  await page
    .getByRole('button', { name: /^Export/ })
    .first()
    .click()
  const written = (): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  await expect.poll(written).toContain('Sample workspace')
})
