import { expect, firstWorkspace, open, test } from './fixture.ts'

test('selected deliveries are sent now or cancelled, and the summary says why others were not', async ({
  app: page,
  instance,
  receiver,
}) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  const { id } = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Shaky',
    url_template: receiver.url,
    retry_policy: { delays_seconds: [3600, 3600] },
  })
  await client.call('destinations.test', { id })
  await expect.poll(() => receiver.requests.length).toBe(1)
  receiver.answer = 500
  for (let made = 0; made < 2; made += 1) await client.call('destinations.test', { id })
  await open(page, '/deliveries')
  const grid = page.getByRole('grid', { name: 'deliveries' })
  await expect(grid.getByRole('row', { name: /retrying/ })).toHaveCount(2)
  await page.keyboard.press('a')
  const selection = page.getByRole('region', { name: 'Selection' })
  await expect(selection).toContainText('3 deliveries selected')
  await selection.getByRole('button', { name: 'Send now' }).click()
  await expect(
    page.getByText('2 deliveries sent now; refused: 1 succeeded already', { exact: true }),
  ).toBeVisible()
  await expect.poll(() => receiver.requests.length).toBe(5)
  await expect(grid.getByRole('row', { name: /retrying/ })).toHaveCount(2)
  await page.keyboard.press('C')
  await expect(
    page.getByText('2 deliveries cancelled; refused: 1 succeeded already', { exact: true }),
  ).toBeVisible()
  await expect(grid.getByRole('row', { name: /failed/ })).toHaveCount(2)
  receiver.answer = 200
  await page.keyboard.press('R')
  await expect(
    page.getByText('2 deliveries retried; refused: 1 succeeded already', { exact: true }),
  ).toBeVisible()
  await expect(grid.getByRole('row', { name: /succeeded/ })).toHaveCount(3)
})

test('all that match are retried, in parts, and nothing else', async ({ app: page, instance, receiver }) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  receiver.answer = 500
  const made: string[] = []
  for (const name of ['First', 'Second']) {
    const { id } = await client.call('destinations.create', {
      workspace_id: workspace.id,
      name,
      url_template: receiver.url,
      retry_policy: { delays_seconds: [] },
    })
    for (let sent = 0; sent < 3; sent += 1) await client.call('destinations.test', { id })
    made.push(id)
  }
  await expect.poll(() => receiver.requests.length).toBe(6)
  receiver.answer = 200
  await open(page, `/deliveries?destination=${made[0]}`)
  const grid = page.getByRole('grid', { name: 'deliveries' })
  await expect(grid.getByRole('row', { name: /failed/ })).toHaveCount(3)
  const retry = async (): Promise<void> => {
    await page.getByRole('button', { name: 'More for these deliveries' }).click()
    await page.getByRole('menuitem', { name: 'Retry all failed ones that match' }).click()
  }
  await retry()
  await expect(page.getByText('3 deliveries retried', { exact: true })).toBeVisible()
  await expect(grid.getByRole('row', { name: /succeeded/ })).toHaveCount(3)
  await open(page, `/deliveries?destination=${made[1]}&status=succeeded`)
  await retry()
  await expect(page.getByText('0 deliveries retried', { exact: true })).toBeVisible()
  expect(receiver.requests).toHaveLength(9)
})
