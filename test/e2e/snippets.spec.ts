import { readFile } from 'node:fs/promises'
import { expect, open, test } from './fixture.ts'

test('receiver code is shown in the language that was chosen last, copied and saved', async ({
  app: page,
  clipboard,
}, info) => {
  await open(page, '/destinations')
  await page.getByRole('button', { name: 'Actions for Local receiver' }).click()
  await page.getByRole('menuitem', { name: 'Receiver code' }).click()
  const dialog = page.getByRole('dialog', { name: 'Receiver code for Leadpush' })
  await expect(dialog.getByRole('region', { name: 'Receiver code in Node.js' })).toContainText(
    "headers['x-leadpush-signature']",
  )
  await dialog.getByRole('tab', { name: 'Python' }).click()
  await expect(dialog.getByRole('region', { name: 'Receiver code in Python' })).toContainText(
    'import hashlib',
  )
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
  await expect(page.getByText('Copied the receiver code').first()).toBeVisible()
  const copied = await clipboard()
  expect(copied).toMatch(/^"""Receives webhooks of Leadpush/)
  expect(copied).toMatch(/serve_forever\(\)\n[^]*\n$/)
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Save as receiver.py' }).click()
  const path = info.outputPath('receiver.py')
  await (await download).saveAs(path)
  expect(await readFile(path, 'utf8')).toBe(copied)
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  // Elsewhere, too, and by the palette.
  await page
    .getByRole('grid', { name: 'destinations' })
    .getByRole('row', { name: /Local receiver/ })
    .dblclick()
  await expect(page.getByRole('button', { name: 'Receiver code' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Commands' })).toBeFocused()
  await page.keyboard.type('receiver code')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('region', { name: 'Receiver code in Python' })).toBeVisible()
})
