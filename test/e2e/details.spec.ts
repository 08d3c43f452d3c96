import { readFile } from 'node:fs/promises'
import { expect, firstWorkspace, open, test } from './fixture.ts'

test('an event shows what became of it; its list of deliveries says so and can be widened', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  await client.call('events.raise', { workspace_id: workspace.id, type: 'contact.created' })
  const { event } = await client.call('events.raise', { workspace_id: workspace.id, type: 'contact.deleted' })
  await open(page, `/events/${event.id}?type=contact.deleted`)
  const detail = page.getByRole('article', { name: 'Event' })
  await detail.getByRole('tab', { name: 'Deliveries' }).click()
  await expect(detail.getByRole('row', { name: /succeeded Local receiver 200 .* ms/ })).toBeVisible()
  await detail.getByRole('button', { name: 'Close (Esc)' }).click()
  await expect(page.getByRole('combobox', { name: 'Type' })).toHaveValue('contact.deleted')

  await open(page, `/deliveries?event=${event.id}`)
  const rows = page.getByRole('grid', { name: 'deliveries' }).getByRole('row', { name: /contact/ })
  await expect(rows).toHaveCount(1)
  await page.getByRole('combobox', { name: 'Of event' }).selectOption({ label: 'Of event: all' })
  await expect(rows).toHaveCount(2)
})

test('with a detail open the actions for a selection stay in view and move nothing', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  const { deliveries } = await client.call('events.raise', {
    workspace_id: workspace.id,
    type: 'contact.created',
  })
  await page.setViewportSize({ width: 1280, height: 800 })
  await open(page, `/deliveries/${deliveries[0]?.id}`)
  await expect(page.getByRole('article', { name: 'Delivery' })).toBeVisible()
  await page.keyboard.press('x')
  const bar = page.getByRole('region', { name: 'Selection' })
  await bar.getByRole('button', { name: 'Select none' }).focus()
  const pane = await page.getByRole('region', { name: 'Deliveries' }).boundingBox()
  for (const button of await bar.getByRole('button').all()) {
    const box = await button.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((pane?.x ?? 0) + (pane?.width ?? 0))
  }
  expect((await page.getByRole('heading', { name: 'Deliveries' }).boundingBox())?.x).toBeGreaterThan(200)
})

test('limits that are being typed outlive a change of a port', async ({ app: page }) => {
  await open(page, '/settings')
  const limits = page.getByRole('region', { name: 'Limits' })
  await limits.getByLabel('Deliveries at most').fill('7777')
  const addresses = page.getByRole('region', { name: 'Addresses' })
  await addresses.getByLabel('Port of API and web UI').fill('4999')
  await addresses.getByRole('button', { name: 'Save the ports' }).click()
  await expect(page.getByText('The port is saved', { exact: true })).toBeVisible()
  await expect(limits.getByLabel('Deliveries at most')).toHaveValue('7777')
  await limits.getByRole('button', { name: 'Save the limits' }).click()
  await expect(page.getByText('Limits saved', { exact: true })).toBeVisible()
  await page.reload()
  await expect(limits.getByLabel('Deliveries at most')).toHaveValue('7777')
})

test('an address of nothing, or with a filter of nothing, says so and leads on', async ({
  app: page,
  expected,
}) => {
  expected.push(/400 \(Bad Request\)|404 \(Not Found\)/)
  for (const [screen, one] of [
    ['deliveries', 'delivery'],
    ['captures', 'capture'],
    ['events', 'event'],
  ]) {
    await open(page, `/${screen}/mistyped`)
    await expect(page.getByText(`There is no such ${one}`)).toBeVisible()
    await page.getByRole('link', { name: 'Back to the list' }).click()
  }
  await open(page, '/deliveries?status=nonsense')
  await page.getByRole('button', { name: 'Show all deliveries' }).click()
  await expect(page.getByText('Nothing was sent yet')).toBeVisible()
})

test('with several workspaces the palette switches between them, and deliveries are told apart', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  const [sample] = (await client.call('workspaces.list', {})).items
  if (sample === undefined) throw new Error('no workspace')
  await client.call('workspaces.create', { name: 'Second', provider: 'breakcold' })
  await client.call('events.raise', { workspace_id: sample.id, type: 'contact.created' })
  await page.keyboard.press('Control+K')
  await page.getByPlaceholder('What do you want to do?').fill('second')
  await page.getByRole('option', { name: 'Switch to the workspace Second' }).click()
  await expect(page.getByRole('navigation').getByText('Breakcold', { exact: true })).toBeVisible()
  await open(page, '/deliveries')
  const filters = page.getByRole('search', { name: 'Filter deliveries' })
  await filters.getByRole('combobox', { name: 'Workspace' }).selectOption({ label: 'Second' })
  await expect(page.getByText('No delivery matches')).toBeVisible()
  await filters.getByRole('combobox', { name: 'Workspace' }).selectOption({ label: 'Sample workspace' })
  await expect(page.getByRole('row', { name: /contact.created/ })).toBeVisible()
})

test('what a filter matches, or what is selected, is saved as one file', async ({ app: page, instance }) => {
  const { client } = instance
  for (const path of ['first', 'second'])
    await fetch(`${instance.capture}/in/inbox/${path}`, { headers: { authorization: 'Bearer b34rer' } })
  await open(page, '/captures')
  const rows = page.getByRole('grid', { name: 'captures' }).getByRole('row', { name: /GET/ })
  await expect(rows).toHaveCount(2)
  const saved = async (item: string): Promise<string> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ])
    return readFile(await download.path(), 'utf8')
  }
  await page.getByRole('button', { name: 'More for these captures' }).click()
  const all = (await saved('Export all that match as JSON lines')).trimEnd().split('\n')
  expect(all).toHaveLength(2)
  expect(all.join('')).not.toContain('b34rer')
  await expect(
    page.getByText('Saved as JSON lines; signatures and secrets are masked', { exact: true }),
  ).toBeVisible()
  const [newest] = (await client.call('captures.list', {})).items
  await rows.first().getByRole('gridcell').first().click()
  await page.getByRole('button', { name: 'More for the selected' }).click()
  const csv = (await saved('Export the selected as CSV')).trimEnd().split('\r\n')
  expect(csv).toHaveLength(2)
  expect(csv[1]).toContain(`${newest?.id},`)
})

test('a cURL command is imported as a capture of the inbox; what can’t be read says why', async ({
  app: page,
  expected,
}) => {
  expected.push(/400 \(Bad Request\)/)
  await open(page, '/captures')
  const importing = async (text: string): Promise<void> => {
    await page.getByRole('button', { name: 'More for these captures' }).click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('menuitem', { name: 'Import requests …' }).click()
    await (await chooser).setFiles({ name: 'request.sh', mimeType: 'text/plain', buffer: Buffer.from(text) })
  }
  await importing(`curl -X PUT http://h.example/orders/1 -d '{"paid": true}'`)
  await expect(page.getByText('1 request imported', { exact: true })).toBeVisible()
  await page.getByRole('row', { name: /PUT \/orders\/1/ }).click()
  await expect(page.getByRole('article', { name: 'Capture' }).getByText('"paid"')).toBeVisible()
  await importing('curl http://h.example/ -d @order.json')
  await expect(page.getByText(/reads the file "order.json", which is not part/).first()).toBeVisible()
})

test('a destination is previewed for an event that happened', async ({ app: page, instance }) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  await client.call('contacts.create', {
    workspace_id: workspace.id,
    _id: 'contact_real',
    attributes: { first_name: 'Augusta' },
  })
  await open(page, '/destinations/new')
  await page.getByLabel('URL', { exact: true }).fill('https://h.example/{{ contact._id }}')
  const preview = page.getByRole('complementary', { name: 'Preview' })
  const choice = preview.getByLabel('For the event')
  await choice.selectOption(
    (await choice.locator('optgroup[label="That happened lately"] option').getAttribute('value')) ?? '',
  )
  await expect(preview.getByText('https://h.example/contact_real')).toBeVisible()
  await expect(preview.getByText('Augusta').first()).toBeVisible()
})

test('a double click on Save makes one endpoint', async ({ app: page, instance }) => {
  await open(page, '/endpoints/new')
  const dialog = page.getByRole('dialog', { name: 'New endpoint' })
  await dialog.getByLabel('Name', { exact: true }).fill('Twice')
  await dialog.getByRole('button', { name: 'Save' }).dblclick()
  await expect(page.getByRole('row', { name: /Twice/ })).toHaveCount(1)
  const { items } = await instance.client.call('endpoints.list', {})
  expect(items.filter(({ name }) => name === 'Twice')).toHaveLength(1)
})
