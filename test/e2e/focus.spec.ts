import { expect, open, openPalette, test } from './fixture.ts'

test('a dialog gives the focus back to where it was', async ({ app: page }) => {
  await open(page, '/contacts')
  const search = page.getByPlaceholder('Search contacts')
  await search.fill('one')
  await openPalette(page)
  await page.keyboard.press('Escape')
  await expect(search).toBeFocused()
  await page.keyboard.type(' two')
  await expect(search).toHaveValue('one two')
  await search.fill('')
  const menu = page.getByRole('button', { name: 'Actions for ada@example.com' })
  await menu.click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(menu).toBeFocused()
  const link = page.getByRole('link', { name: /^Destinations/ })
  await link.focus()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(link).toBeFocused()
})

test('what is typed after the palette goes on in the text, and runs no command', async ({
  app: page,
  instance,
}) => {
  await fetch(`${instance.capture}/one`, { method: 'POST', body: 'x' })
  const [capture] = (await instance.client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}?tab=notes`)
  const note = page.getByRole('textbox', { name: 'Note' })
  await note.click()
  await page.keyboard.type('hello ')
  await openPalette(page)
  await page.keyboard.press('Escape')
  await page.keyboard.type('#p see p. 3')
  await expect(note).toHaveValue('hello #p see p. 3')
  expect((await instance.client.call('captures.list', {})).items).toMatchObject([{ pinned: false }])
})

test('a command of the palette that opens a dialog or a screen leaves the focus there', async ({
  app: page,
}) => {
  await open(page, '/contacts')
  await page.getByPlaceholder('Search contacts').focus()
  await openPalette(page)
  await page.keyboard.type('new endpoint')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'New endpoint' })
  await expect(dialog.getByLabel('Name')).toBeFocused()
  await page.keyboard.type('typed')
  await expect(dialog.getByLabel('Name')).toHaveValue('typed')
})

test('a secret that is shown once stays until it is said to be had', async ({ app: page }) => {
  await open(page, '/destinations/new')
  await page.getByLabel('Name', { exact: true }).fill('Once')
  await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9/')
  await page.getByRole('button', { name: 'Create' }).click()
  const dialog = page.getByRole('dialog', { name: 'Secret of Once' })
  await expect(dialog.getByTestId('secret')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.mouse.click(5, 5)
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Commands' })).toHaveCount(0)
  await expect(dialog.getByTestId('secret')).toBeVisible()
  await dialog.getByRole('button', { name: 'I have it' }).click()
  await expect(dialog).toHaveCount(0)
})
