import type { Page } from '@playwright/test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, open, test } from './fixture.ts'

/** Drops as the browser itself does when something is dragged in from outside. */
async function drop(page: Page, data: { files?: string[]; text?: string }, at = { x: 640, y: 400 }) {
  const session = await page.context().newCDPSession(page)
  const items = data.text === undefined ? [] : [{ mimeType: 'text/plain', data: data.text }]
  const dragged = { items, files: data.files ?? [], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...at, data: dragged })
  await session.detach()
}

let folder: string
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-drop-'))
})
test.afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a configuration that is dropped on the window shows what it would change', async ({
  app: page,
  instance,
}) => {
  const { bytes } = await instance.client.call('configuration.export', { format: 'yaml' })
  const file = join(folder, 'bench.yaml')
  const text = Buffer.from(bytes).toString('utf8')
  writeFileSync(file, text.replace('notify_after_failures: 3', 'notify_after_failures: 7'))
  await open(page, '/captures')
  await drop(page, { files: [file] })
  const dialog = page.getByRole('dialog', { name: 'Import a configuration' })
  await expect(dialog.getByRole('list', { name: 'Plan' })).toContainText('notify_after_failures: 3 → 7')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(page).toHaveURL(/#\/captures$/)
})

test('abuse 23: anything else that is dropped is refused with the reason, and never shown', async ({
  app: page,
}) => {
  const here = page.url()
  const other = join(folder, 'page.html')
  writeFileSync(other, '<script>document.title = "taken"</script>')
  await drop(page, { files: [other] })
  const refused = (text: string) => page.getByText(text, { exact: true })
  await expect(refused('Only a configuration file (.yaml, .yml, .json) can be dropped here.')).toBeVisible()
  const picture = join(folder, 'picture.json')
  writeFileSync(picture, Buffer.from([0x89, 0x50, 0xff, 0xfe, 0x00]))
  await drop(page, { files: [picture] })
  const unreadable = refused('The file could not be read as text in UTF-8.')
  await expect(unreadable).toHaveCount(1)
  const directory = join(folder, 'folder.yaml')
  mkdirSync(directory)
  await drop(page, { files: [directory] })
  await expect(unreadable).toHaveCount(2)
  expect(page.url()).toBe(here)
  await expect(page).toHaveTitle(/Hookbench/)
})

test('text that is dragged into a field arrives there', async ({ app: page }) => {
  await open(page, '/deliveries')
  const search = page.getByRole('searchbox').first()
  const box = await search.boundingBox()
  if (box === null) throw new Error('the field is not shown')
  await drop(page, { text: 'ada' }, { x: box.x + box.width / 2, y: box.y + box.height / 2 })
  await expect(search).toHaveValue('ada')
})
