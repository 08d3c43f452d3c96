import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, open, test } from './fixture.ts'

const restored = (page: Page) => page.getByText(/^Unsaved changes of \d\d:\d\d/)
/** What asks before the page is closed. */
async function asksBeforeLeaving(page: Page): Promise<boolean> {
  return page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
}
async function stored(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))
}

test('what was typed into a destination is there again, until it is saved or discarded', async ({
  app: page,
  instance,
  face,
}) => {
  const [destination] = (await instance.client.call('destinations.list', {})).items
  if (destination === undefined) throw new Error('there is no destination')
  await open(page, `/destinations/${destination.id}`)
  const name = page.getByLabel('Name', { exact: true })
  await expect(name).toHaveValue(destination.name)
  expect(await asksBeforeLeaving(page)).toBe(false)
  await name.fill('Half a nam')
  await page.getByRole('button', { name: 'Add a header' }).click()
  await page.getByLabel('Name of header 1').fill('X-Half')
  expect(await asksBeforeLeaving(page)).toBe(face === 'browser')
  await page.getByRole('link', { name: 'Captures', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Captures' })).toBeVisible()
  await open(page, `/destinations/${destination.id}`)
  await expect(name).toHaveValue('Half a nam')
  await expect(page.getByLabel('Name of header 1')).toHaveValue('X-Half')
  await expect(restored(page)).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.screenshot({ path: `test-results/screens/draft-${colorScheme}.png` })
  }
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(name).toHaveValue(destination.name)
  await expect(page.getByLabel('Name of header 1')).toHaveCount(0)
  await expect(restored(page)).toHaveCount(0)
  expect(await asksBeforeLeaving(page)).toBe(false)

  await name.fill('A whole name')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  expect(await asksBeforeLeaving(page)).toBe(false)
  await open(page, '/')
  await open(page, `/destinations/${destination.id}`)
  await expect(name).toHaveValue('A whole name')
  await expect(restored(page)).toHaveCount(0)
})

test('a destination that was changed elsewhere meanwhile says so before it is overwritten', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  const [destination] = (await client.call('destinations.list', {})).items
  if (destination === undefined) throw new Error('there is no destination')
  await open(page, `/destinations/${destination.id}`)
  const name = page.getByLabel('Name', { exact: true })
  // Nothing was typed: it is followed.
  await client.call('destinations.change', { id: destination.id, name: 'From elsewhere' })
  await expect(name).toHaveValue('From elsewhere')
  await name.fill('Mine')
  // What is no field of the form is no change of it.
  await client.call('destinations.test', { id: destination.id })
  await expect(page.getByText('This was changed elsewhere')).toHaveCount(0)
  await client.call('destinations.change', { id: destination.id, timeout_seconds: 7 })
  await expect(page.getByText('This was changed elsewhere since you began to edit it.')).toBeVisible()
  await expect(name).toHaveValue('Mine')
  await open(page, '/')
  await open(page, `/destinations/${destination.id}`)
  await expect(page.getByText('This was changed elsewhere since you began to edit it.')).toBeVisible()
  await page.getByRole('button', { name: 'Discard mine' }).click()
  await expect(name).toHaveValue('From elsewhere')
  await page.getByText('Retries and time-out').click()
  await expect(page.getByLabel('Time-out in seconds')).toHaveValue('7')
})

test('a new destination and its secret wait in memory, for each workspace; Cancel discards them', async ({
  app: page,
  instance,
}) => {
  await instance.client.call('workspaces.create', { name: 'Other', provider: 'leadhub' })
  await open(page, '/destinations/new')
  const name = page.getByLabel('Name', { exact: true })
  await name.fill('Not yet')
  await page.getByLabel('Signing secret').selectOption('own')
  await page.getByLabel('Secret', { exact: true }).fill('s3cret-of-mine')
  await page.getByLabel('Workspace').selectOption({ label: 'Other' })
  await expect(name).toHaveValue('')
  await page.getByLabel('Workspace').selectOption({ index: 0 })
  await expect(name).toHaveValue('Not yet')
  await expect(page.getByLabel('Secret', { exact: true })).toHaveValue('s3cret-of-mine')
  expect(await stored(page)).not.toContain('s3cret-of-mine')
  await page.getByRole('link', { name: 'Cancel' }).click()
  await open(page, '/destinations/new')
  await expect(name).toHaveValue('')
})

test('a payload that was changed is there again, for its type; sending it ends that', async ({
  app: page,
}) => {
  await open(page, '/events/new')
  const editor = page.getByRole('textbox', { name: 'Payload' })
  await expect(editor).toContainText('occurred_at')
  const type = page.getByLabel(/^Event of /)
  await type.selectOption('contact.updated')
  await expect(editor).toContainText('contact.updated')
  expect(await asksBeforeLeaving(page)).toBe(false)
  await editor.fill('{"mine": true')
  await expect(page.getByText('This is no JSON object yet.')).toBeVisible()
  expect(await asksBeforeLeaving(page)).toBe(true)
  await type.selectOption('contact.deleted')
  await expect(editor).toContainText('contact.deleted')
  await open(page, '/captures')
  await expect(page.getByRole('heading', { name: 'Captures' })).toBeVisible()
  // Without a type in the address, where it was left.
  await open(page, '/events/new')
  await expect(editor).toContainText('"mine": true')
  await expect(type).toHaveValue('contact.updated')
  await expect(restored(page)).toBeVisible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(editor).not.toContainText('mine')
  await expect(restored(page)).toHaveCount(0)
  expect(await asksBeforeLeaving(page)).toBe(false)
  await editor.fill('{"contact": {"_id": "mine"}}')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(
    page.getByRole('article', { name: 'Delivery' }).or(page.getByRole('grid')).first(),
  ).toBeVisible()
  await open(page, '/events/new')
  await expect(editor).toContainText('occurred_at')
  await expect(restored(page)).toHaveCount(0)
})

test('a dialog that an Escape or a click outside closed has what was typed; Cancel discards it', async ({
  app: page,
  instance,
}) => {
  await open(page, '/endpoints/new')
  const dialog = page.getByRole('dialog', { name: 'New endpoint' })
  await dialog.getByLabel('Name', { exact: true }).fill('Half')
  await dialog.getByLabel('Checks signatures').selectOption({ label: 'Leadpush' })
  await dialog.getByLabel('Secret').fill('s3cret-of-mine')
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  // A dialog's draft is no reason to hold the page.
  expect(await asksBeforeLeaving(page)).toBe(false)
  expect(await stored(page)).not.toContain('s3cret-of-mine')
  await open(page, '/endpoints/new')
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveValue('Half')
  await expect(dialog.getByLabel('Secret')).toHaveValue('s3cret-of-mine')
  await expect(restored(page)).toBeVisible()
  await page.mouse.click(5, 400)
  await expect(dialog).toHaveCount(0)
  await open(page, '/endpoints/new')
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveValue('Half')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await open(page, '/endpoints/new')
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveValue('')
  await expect(restored(page)).toHaveCount(0)

  // Saved elsewhere while it is open.
  const inbox = (await instance.client.call('endpoints.list', {})).items.find(({ slug }) => slug === 'inbox')
  if (inbox === undefined) throw new Error('there is no inbox')
  await page.keyboard.press('Escape')
  await open(page, `/endpoints/${inbox.id}`)
  const edit = page.getByRole('dialog', { name: 'Edit the endpoint' })
  await edit.getByLabel('Answer body').fill('mine')
  await instance.client.call('endpoints.change', { id: inbox.id, name: 'Renamed' })
  await expect(edit.getByText('This was changed elsewhere since you began to edit it.')).toBeVisible()
  await edit.getByRole('button', { name: 'Discard mine' }).click()
  await expect(edit.getByLabel('Name', { exact: true })).toHaveValue('Renamed')
  await expect(edit.getByLabel('Answer body')).toHaveValue('')
})

test('the note of a capture is there again after another tab', async ({ app: page, instance }) => {
  await fetch(instance.capture)
  const [capture] = (await instance.client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}?tab=notes`)
  await page.getByRole('textbox', { name: 'Note' }).fill('half a thought')
  await page.getByRole('tab', { name: 'About' }).click()
  await page.getByRole('tab', { name: 'Notes' }).click()
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('half a thought')
  await expect(restored(page)).toBeVisible()
  await page.getByRole('button', { name: 'Save the note' }).click()
  await expect(restored(page)).toHaveCount(0)
  await page.getByRole('tab', { name: 'About' }).click()
  await page.getByRole('tab', { name: 'Notes' }).click()
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('half a thought')
  await expect(restored(page)).toHaveCount(0)
})
