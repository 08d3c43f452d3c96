import { expect, open, openPalette, test } from './fixture.ts'

test('every list makes a new one by n, and what is open has its address', async ({ app: page }) => {
  for (const [path, dialog] of [
    ['subscriptions', 'New subscription'],
    ['contacts', 'New contact'],
    ['endpoints', 'New endpoint'],
  ] as const) {
    await open(page, `/${path}`)
    await expect(page.getByRole('grid', { name: path })).toBeVisible()
    await page.keyboard.press('n')
    await expect(page.getByRole('dialog', { name: dialog })).toBeVisible()
    expect(new URL(page.url()).hash).toContain(`/${path}/new`)
    await page.reload()
    await expect(page.getByRole('dialog', { name: dialog })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  }
  await open(page, '/destinations')
  await expect(page.getByRole('grid', { name: 'destinations' })).toBeVisible()
  await page.keyboard.press('n')
  await expect(page.getByRole('heading', { name: 'New destination' })).toBeVisible()
})

test('keys of the row that one is at are told by ?, its menu and the palette', async ({ app: page }) => {
  await open(page, '/destinations')
  const row = page.getByRole('grid', { name: 'destinations' }).getByRole('row', { name: /Local receiver/ })
  await expect(row).toBeVisible()
  await page.keyboard.press('j')
  await expect(row).toHaveAttribute('aria-current', 'true')
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keys' })
  await expect(keys).toContainText('Send test: Local receiver')
  // A key does one thing: elsewhere n sends an event.
  await expect(keys.getByText('n', { exact: true })).toHaveCount(1)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Actions for Local receiver' }).click()
  await expect(page.getByRole('menuitem', { name: 'Send test' })).toContainText('t')
  await page.keyboard.press('Escape')
  await expect(row).toHaveAttribute('aria-current', 'true')
  await openPalette(page)
  await page.keyboard.type('rotate')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Rotate the secret of Local receiver' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('t')
  await expect(page.getByRole('article', { name: 'Delivery' })).toBeVisible()
})

test('the palette opened while a menu closes takes what is typed', async ({ app: page }) => {
  await open(page, '/destinations')
  await page.getByRole('button', { name: 'Actions for Local receiver' }).click()
  await expect(page.getByRole('menuitem', { name: 'Send test' })).toBeVisible()
  // Both keys before the menu has given the focus back.
  await page.evaluate(() => {
    const press = (init: KeyboardEventInit): boolean | undefined =>
      document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }),
      )
    press({ key: 'Escape' })
    press({ key: 'k', ctrlKey: true })
  })
  await expect(page.getByRole('menu')).toHaveCount(0)
  await page.keyboard.type('rotate')
  await expect(page.getByRole('combobox', { name: 'Commands' })).toHaveValue('rotate')
})

test('Enter presses the button that has the focus, not the list’s key', async ({ app: page, instance }) => {
  for (const path of ['/a', '/b']) await fetch(instance.capture + path)
  await open(page, '/captures')
  const grid = page.getByRole('grid', { name: 'captures' })
  await grid.getByRole('row').nth(1).click()
  await page.getByRole('article', { name: 'Capture' }).getByRole('button', { name: 'Pin' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Unpin' })).toBeVisible()
})

test('events are walked through by keys, and the open one is sent again', async ({ app: page, instance }) => {
  const { client } = instance
  const [workspace] = (await client.call('workspaces.list', {})).items
  for (const type of ['contact.created', 'contact.deleted'])
    await client.call('events.raise', { workspace_id: workspace?.id ?? '', type })
  await open(page, '/events')
  const grid = page.getByRole('grid', { name: 'events' })
  await expect(grid.getByRole('row')).toHaveCount(3)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await expect(page.getByRole('article', { name: 'Event' })).toContainText('contact.created')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('article')).toHaveCount(0)
  await page.keyboard.press('j')
  await expect(page.getByRole('article', { name: 'Event' })).toContainText('contact.deleted')
  await page.keyboard.press('e')
  await expect(page.getByRole('heading', { name: 'New event' })).toBeVisible()
  await expect(page.getByLabel('Event of Leadpush')).toHaveValue('contact.deleted')
})

test('the payload’s editor offers the fields and values of the event', async ({ app: page }) => {
  await open(page, '/events/new?type=contact.updated')
  const editor = page.getByRole('textbox', { name: 'Payload' })
  await expect(editor).toContainText('occurred_at')
  await editor.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.type('{"contact": {"subs')
  const offered = page.getByRole('listbox')
  await expect(offered.getByRole('option')).toHaveCount(1)
  await expect(offered).toContainText('"subscribed"')
  // Chosen by the mouse: a key right after the choice has appeared counts as text.
  await offered.getByRole('option').click()
  await expect(editor).toContainText('"subscribed": true')
  await page.keyboard.type(', "_i')
  await expect(offered).toContainText('"_id"')
})

test('the last hour stands in charts, and in tables for those who can’t see them', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  const [workspace] = (await client.call('workspaces.list', {})).items
  for (let n = 0; n < 3; n += 1)
    await client.call('events.raise', { workspace_id: workspace?.id ?? '', type: 'contact.created' })
  const deliveries = page.getByRole('region', { name: 'Deliveries a minute' })
  await expect(
    deliveries.getByRole('img', { name: 'Deliveries a minute, last hour: succeeded 3' }),
  ).toBeVisible()
  await expect(page.getByRole('img', { name: /Duration of attempts, last hour: p50 \d/ })).toBeVisible()
  expect(
    await deliveries.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width),
  ).toBeGreaterThan(200)
  await deliveries.getByRole('button', { name: 'Table' }).click()
  const table = deliveries.getByRole('table')
  await expect(table.getByRole('columnheader', { name: 'succeeded' })).toBeVisible()
  const rows = await table.getByRole('row').allInnerTexts()
  const succeeded = rows.slice(1).map((text) => Number(text.split('\t')[1]))
  expect(succeeded.reduce((sum, value) => sum + value, 0)).toBe(3)
})
