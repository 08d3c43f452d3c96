import { expect, firstWorkspace, loginLink, open, openPalette, test, watch } from './fixture.ts'

test('first event: delivery and verified capture stand side by side', async ({ app: page }) => {
  await page.getByRole('button', { name: 'Send your first event' }).click()
  const first = page.getByRole('region', { name: 'First event' })
  await expect(first.getByRole('group', { name: 'The delivery' }).getByText('succeeded')).toBeVisible()
  await expect(
    first.getByRole('group', { name: 'The capture' }).getByText('verified', { exact: true }),
  ).toBeVisible()
})

test('a destination is created, its secret copied, it is subscribed, a contact edited, the delivery seen', async ({
  app: page,
  receiver,
  clipboard,
}) => {
  await page.getByRole('link', { name: 'Destinations' }).click()
  await page.getByRole('link', { name: 'New destination' }).click()
  await page.getByLabel('Name', { exact: true }).fill('My receiver')
  await page.getByLabel('URL', { exact: true }).fill('{{ receiver.url')
  await expect(page.getByRole('complementary', { name: 'Preview' }).getByText('never closed')).toBeVisible()
  await page.getByRole('button', { name: 'Create the destination' }).click()
  await expect(page.getByText('never closed').first()).toBeVisible()
  await page.getByLabel('URL', { exact: true }).fill(`${receiver.url}/hooks/{{ contact._id }}`)
  await page.getByRole('button', { name: 'Create the destination' }).click()
  const dialog = page.getByRole('dialog', { name: 'Secret of My receiver' })
  await dialog.getByRole('button', { name: 'Copy the secret' }).click()
  const secret = await dialog.getByTestId('secret').textContent()
  expect(await clipboard()).toBe(secret)
  await dialog.getByRole('button', { name: 'I have it' }).click()
  await expect(page.getByRole('row', { name: /My receiver/ })).toContainText(secret?.slice(-4) ?? 'none')

  await page.getByRole('link', { name: 'Subscriptions' }).click()
  await page.getByRole('button', { name: 'New subscription' }).click()
  await page.getByLabel('Destination').selectOption({ label: 'My receiver' })
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('row', { name: /My receiver/ })).toContainText('all events')

  await page.getByRole('link', { name: 'Contacts' }).click()
  await page.getByRole('row', { name: /ada@example.com/ }).click()
  const attributes = page.getByRole('dialog').getByRole('textbox', { name: 'Attributes' })
  await attributes.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText('{"email": "ada@example.com", "first_name": "Augusta"}')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('row', { name: /contact.updated.*My receiver/ }).click()
  const detail = page.getByRole('article', { name: 'Delivery' })
  await expect(detail.getByText('My receiver answered 200 after 1 attempt.')).toBeVisible()
  await detail.getByRole('tab', { name: 'Request' }).click()
  await expect(detail.getByText('/hooks/contact_1').first()).toBeVisible()
  expect(receiver.requests[0]?.body).toContain('Augusta')
})

test('a failing receiver: the retry counts down, the receiver is mended, Send now succeeds', async ({
  app: page,
  instance,
  receiver,
}) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  const destination = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Shaky',
    url_template: receiver.url,
  })
  receiver.answer = 500
  await client.call('destinations.test', { id: destination.id })
  await open(page, '/deliveries')
  await page.getByRole('row', { name: /Shaky/ }).click()
  const detail = page.getByRole('article', { name: 'Delivery' })
  await expect(detail.getByText(/attempt 2 follows in \d+ s/)).toBeVisible()
  await expect(detail.getByText("receiver's log")).toBeVisible()
  receiver.answer = 204
  await detail.getByRole('button', { name: 'Send now' }).click()
  await expect(detail.getByText('Shaky answered 204 after 2 attempts.')).toBeVisible()
  await expect(page.getByRole('row', { name: /Shaky/ })).toContainText('succeeded')
  await expect(detail.getByRole('tab', { name: 'Attempts (2)' })).toBeVisible()
})

test('retries happen by themselves', async ({ app: page, instance, receiver }) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  const destination = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Shaky',
    url_template: receiver.url,
    retry_policy: { delays_seconds: [2] },
  })
  receiver.answer = 503
  const { deliveries } = await client.call('destinations.test', { id: destination.id })
  await open(page, `/deliveries/${deliveries[0]?.id}`)
  await expect(
    page
      .getByRole('article')
      .getByText(/attempt 2 follows/i)
      .first(),
  ).toBeVisible()
  receiver.answer = 200
  await expect(page.getByRole('article').getByText('Shaky answered 200 after 2 attempts.')).toBeVisible()
})

test('filter and search, kept in the address', async ({ app: page, instance }) => {
  for (const path of ['/in/inbox/apples', '/in/inbox/pears', '/in/sample/plums'])
    await fetch(instance.capture + path, { method: 'POST', body: 'x' })
  await open(page, '/captures')
  const grid = page.getByRole('grid', { name: 'captures' })
  await expect(grid.getByRole('row')).toHaveCount(4)
  await page.getByLabel('Endpoint').selectOption({ label: 'Inbox' })
  await expect(grid.getByRole('row')).toHaveCount(3)
  await page.getByRole('searchbox').fill('pear')
  await expect(grid.getByRole('row')).toHaveCount(2)
  await fetch(`${instance.capture}/in/inbox/pears-again`, { method: 'POST', body: 'y' })
  await fetch(`${instance.capture}/in/inbox/grapes`, { method: 'POST', body: 'y' })
  await expect(grid.getByRole('row')).toHaveCount(3)
  await page.reload()
  await expect(grid.getByRole('row')).toHaveCount(3)
  await expect(page.getByRole('searchbox')).toHaveValue('pear')
  await page.getByRole('searchbox').fill('nothing like it')
  await page.getByRole('button', { name: 'Show all captures' }).click()
  await expect(grid.getByRole('row')).toHaveCount(6)
})

test('a rotated secret: the old one is named in the verdict', async ({ app: page, instance }) => {
  await page.getByRole('button', { name: 'Send your first event' }).click()
  await expect(page.getByText('verified', { exact: true }).first()).toBeVisible()
  const { client } = instance
  const [first] = (await client.call('captures.list', {})).items
  if (first === undefined) throw new Error('no capture')
  const body = (await client.call('captures.get', { id: first.id })).body_base64
  await open(page, '/destinations')
  await page.getByRole('button', { name: 'Actions for Local receiver' }).click()
  await page.getByRole('menuitem', { name: 'Rotate secret' }).click()
  await page.getByRole('dialog').getByLabel('The old secret is valid').selectOption('an hour longer')
  await page.getByRole('button', { name: 'Rotate', exact: true }).click()
  await page.getByRole('button', { name: 'I have it' }).click()
  const skip = ['host', 'connection', 'content-length', 'transfer-encoding']
  await fetch(`${instance.capture}/in/sample`, {
    method: 'POST',
    headers: first.headers.filter(([name]) => !skip.includes(name.toLowerCase())),
    body: Buffer.from(body, 'base64'),
  })
  await open(page, '/captures')
  await page.getByRole('grid', { name: 'captures' }).getByRole('row').nth(1).click()
  await expect(page.getByRole('group', { name: 'Verdict' })).toContainText('previous')
})

test('a destination is disabled, what waits is held; it is deleted, naming what waits', async ({
  app: page,
  instance,
  receiver,
}) => {
  const { client } = instance
  receiver.answer = 500
  const workspace = await firstWorkspace(client)
  const destination = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Shaky',
    url_template: receiver.url,
  })
  await client.call('destinations.test', { id: destination.id })
  await expect
    .poll(async () => (await client.call('deliveries.list', { status: ['retrying'] })).items.length)
    .toBe(1)
  await open(page, '/destinations')
  await page.getByRole('button', { name: 'Actions for Shaky' }).click()
  await page.getByRole('menuitem', { name: 'Disable' }).click()
  await expect(page.getByRole('row', { name: /Shaky/ })).toContainText('disabled')
  await page.getByRole('button', { name: 'Actions for Shaky' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete Shaky?' })
  await expect(dialog).toContainText('1 delivery waits for it and will end as failed.')
  await dialog.getByRole('button', { name: 'Delete the destination' }).click()
  await expect(page.getByRole('row', { name: /Shaky/ })).toHaveCount(0)
})

test('deleting from the history is undone from the toast', async ({ app: page, instance }) => {
  for (const path of ['/a', '/b', '/c']) await fetch(instance.capture + path)
  await open(page, '/captures')
  const grid = page.getByRole('grid', { name: 'captures' })
  await expect(grid.getByRole('row')).toHaveCount(4)
  await grid.getByRole('row').nth(1).click()
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await expect(page.getByRole('region', { name: 'Selection' })).toContainText('2 captures selected')
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()
  await expect(grid.getByRole('row')).toHaveCount(2)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(grid.getByRole('row')).toHaveCount(4)
})

test('a capture is pinned, tagged and annotated', async ({ app: page, instance }) => {
  await fetch(`${instance.capture}/in/inbox`)
  await open(page, '/captures')
  await page.getByRole('grid', { name: 'captures' }).getByRole('row').nth(1).click()
  await page.keyboard.press('p')
  await expect(page.getByRole('button', { name: 'Unpin' })).toBeVisible()
  await page.getByRole('tab', { name: 'Notes' }).click()
  await page.getByLabel('New tag').fill('odd')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Tags' })).toContainText('odd')
  await page.getByLabel('Note', { exact: true }).fill('look again')
  await page.getByRole('button', { name: 'Save the note' }).click()
  await page.reload()
  await expect(page.getByLabel('Note', { exact: true })).toHaveValue('look again')
})

test('an event is composed, previewed and sent', async ({ app: page }) => {
  await page.keyboard.press('n')
  await page.getByLabel('Event of Leadpush').selectOption('contact.subscribed')
  await expect(page.getByRole('heading', { name: 'Goes to 1 destination' })).toBeVisible()
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(
    page.getByRole('article', { name: 'Delivery' }).getByText('Local receiver answered 200'),
  ).toBeVisible()
  await open(page, '/events')
  await expect(
    page.getByRole('grid', { name: 'events' }).getByRole('row', { name: /contact.subscribed/ }),
  ).toBeVisible()
})

test('a second browser sees changes live, and new rows wait while one is read', async ({
  app: page,
  instance,
  browser,
}) => {
  await fetch(`${instance.capture}/one`)
  await open(page, '/captures')
  const grid = page.getByRole('grid', { name: 'captures' })
  await expect(grid.getByRole('row')).toHaveCount(2)
  const context = await browser.newContext()
  const other = await context.newPage()
  const complaints: string[] = []
  watch(other, complaints)
  await other.goto(await loginLink(instance))
  await other.getByRole('button', { name: 'Send your first event' }).click()
  await expect(grid.getByRole('row')).toHaveCount(3)
  await grid.getByRole('row').nth(2).click()
  await fetch(`${instance.capture}/two`)
  await fetch(`${instance.capture}/three`)
  await page.getByRole('button', { name: '2 new captures' }).click()
  await expect(grid.getByRole('row')).toHaveCount(5)
  expect(complaints).toEqual([])
  await context.close()
})

test('a second browser sees events as they happen, also those that nobody gets', async ({
  app: page,
  instance,
}) => {
  await open(page, '/events')
  await expect(page.getByText('No event yet')).toBeVisible()
  const { client } = instance
  const [subscription] = (await client.call('subscriptions.list', {})).items
  if (subscription === undefined) throw new Error('no subscription')
  const raise = (type: string) =>
    client.call('events.raise', { workspace_id: subscription.workspace_id, type })
  await raise('contact.created')
  const grid = page.getByRole('grid', { name: 'events' })
  await expect(grid.getByRole('row')).toHaveCount(2)
  await client.call('subscriptions.delete', { id: subscription.id })
  await raise('contact.deleted')
  await expect(grid.getByRole('row')).toHaveCount(3)
  await expect(grid.getByRole('row').nth(1)).toContainText('contact.deleted')
})

test('the keyboard alone, from start to finish', async ({ app: page }) => {
  await openPalette(page)
  await page.keyboard.type('send an event')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'New event' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Goes to 1 destination' })).toBeVisible()
  const send = page.getByRole('button', { name: 'Send', exact: true })
  for (
    let presses = 0;
    presses < 40 && !(await send.evaluate((element) => element === document.activeElement));
    presses += 1
  )
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('article', { name: 'Delivery' }).getByText('answered 200')).toBeVisible()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tab', { name: 'Request' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('article')).toHaveCount(0)
  await page.keyboard.press('4')
  await expect(page.getByRole('grid', { name: 'captures' }).getByRole('row')).toHaveCount(2)
  await page.keyboard.press('j')
  await expect(page.getByRole('group', { name: 'Verdict' })).toContainText('verified')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('Pin this capture')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('#')
  await expect(page.getByText('1 capture removed', { exact: true })).toBeVisible()
})

test('the theme is chosen and remembered', async ({ app: page }) => {
  await open(page, '/settings')
  await page.getByLabel('Theme').selectOption('dark')
  await page.reload()
  await expect(page.getByLabel('Theme')).toHaveValue('dark')
  expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe('dark')
})
