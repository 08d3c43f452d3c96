import { expect, open, test } from './fixture.ts'

test.beforeEach(({ expected }) => {
  // The browser notes refusals.
  expected.push(/400 \(Bad Request\)/, /409 \(Conflict\)/)
})

test('what is wrong with a field of a dialog stands at that field only, in words', async ({ app: page }) => {
  await open(page, '/endpoints/new')
  const dialog = page.getByRole('dialog', { name: 'New endpoint' })
  await dialog.getByLabel('Path').fill('Not a path!')
  await dialog.getByLabel('Answer status').fill('99')
  await dialog.getByRole('button', { name: 'Save' }).click()
  const name = dialog.getByLabel('Name', { exact: true })
  await expect(name).toHaveAttribute('aria-invalid', 'true')
  await expect(name).toHaveAccessibleDescription('Must not be empty')
  // Where one begins to mend.
  await expect(name).toBeFocused()
  await expect(dialog.getByLabel('Path')).toHaveAccessibleDescription(/^May hold lower-case letters/)
  await expect(dialog.getByLabel('Answer status')).toHaveAccessibleDescription('Must be at least 200')
  await expect(dialog.getByRole('alert')).toHaveCount(0)
  await expect(dialog).not.toContainText('answer.status')
  await expect(dialog.getByText('Must not be empty')).toHaveCount(1)
})

test('what belongs to no field stands above, as a sentence', async ({ app: page, instance }) => {
  await open(page, '/contacts/new')
  const dialog = page.getByRole('dialog', { name: 'New contact' })
  const editor = dialog.getByRole('textbox', { name: 'Attributes' })
  await expect(editor).toContainText('email')
  await editor.fill('{"email":')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByText('This is no JSON object yet')).toHaveCount(1)
  await expect(dialog.getByRole('alert')).toHaveCount(0)
  await dialog.getByRole('button', { name: 'Cancel' }).click()

  // A part of a capture can't be replayed: a conflict, which is of no field of the dialog.
  const raw = await fetch(instance.capture, { method: 'POST', body: 'x'.repeat(26 * 1024 * 1024) }).catch(
    () => null,
  )
  expect(raw === null || raw.status === 413).toBe(true)
  await expect
    .poll(async () => (await instance.client.call('captures.list', {})).items.length)
    .toBeGreaterThan(0)
  const [capture] = (await instance.client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}`)
  await page.getByRole('button', { name: 'Replay' }).click()
  const replay = page.getByRole('dialog', { name: 'Replay 1 capture' })
  await replay.getByRole('button', { name: 'Replay' }).click()
  await expect(replay.getByLabel('URL')).toHaveAccessibleDescription('Must not be empty')
  await replay.getByLabel('URL').fill('http://127.0.0.1:9/')
  await replay.getByRole('button', { name: 'Replay' }).click()
  await expect(replay.getByRole('alert')).toHaveText(
    /^Only a part of the body of capture .* was kept\. Nothing was replayed\.$/,
  )
  await expect(replay.getByRole('alert')).not.toContainText('capture_ids')
})

test("a destination's errors stand at their fields, which are unfolded and gone to", async ({
  app: page,
}) => {
  await open(page, '/destinations/new')
  await page.getByLabel('Name', { exact: true }).fill('Mine')
  await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9/')
  await page.getByText('Retries and time-out').click()
  await page.getByLabel('Time-out in seconds').fill('900')
  await page.getByText('Retries and time-out').click()
  await page.getByRole('button', { name: 'Create the destination' }).click()
  const timeout = page.getByLabel('Time-out in seconds')
  await expect(timeout).toBeVisible()
  await expect(timeout).toBeFocused()
  await expect(timeout).toHaveAccessibleDescription('Must be at most 120')
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.locator('main')).not.toContainText('timeout_seconds')
})
