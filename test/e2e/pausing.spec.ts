import { AxeBuilder } from '@axe-core/playwright'
import { expect, open, test } from './fixture.ts'

test('a destination that its provider paused is shown with the reason, and resumed', async ({
  app: page,
  instance,
  receiver,
}) => {
  const { client } = instance
  receiver.answer = 500
  const workspace = await client.call('workspaces.create', { name: 'Breakcold', provider: 'breakcold' })
  const destination = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Broken receiver',
    url_template: receiver.url,
    retry_policy: { delays_seconds: [] },
  })
  const state = async () => (await client.call('destinations.get', { id: destination.id })).status
  for (let sent = 0; sent < 50; sent += 10)
    await Promise.all(
      Array.from({ length: 10 }, () => client.call('destinations.test', { id: destination.id })),
    )
  await expect.poll(state).toBe('paused')
  const attention = page.getByRole('region', { name: 'Needs attention' })
  await expect(attention.getByText('Broken receiver is paused')).toBeVisible()
  await page.getByLabel('Workspace').selectOption('Breakcold')
  await open(page, '/destinations')
  await expect(page.getByRole('row', { name: /Broken receiver/ })).toContainText('paused')
  await page.getByRole('button', { name: 'Actions for Broken receiver' }).click()
  await page.getByRole('menuitem', { name: 'Resume' }).click()
  await expect(page.getByRole('row', { name: /Broken receiver/ })).toContainText('active')
  expect(await state()).toBe('active')
})

test('sending is paused and resumed: what is made meanwhile waits, says so, and goes out then', async ({
  app: page,
  instance,
  receiver,
}) => {
  const { client } = instance
  const workspace = await client.call('workspaces.create', { name: 'Held', provider: 'leadpush' })
  const destination = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Receiver',
    url_template: receiver.url,
  })
  const engine = page.getByRole('region', { name: 'State of the engine' })
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('What do you want to do?').fill('Pause sending')
  await page.keyboard.press('Enter')
  await expect(engine.getByText('Sending paused')).toBeVisible()
  const { deliveries } = await client.call('destinations.test', { id: destination.id })
  const id = deliveries[0]?.id ?? ''
  await expect(engine.getByText('1 waiting, 0 being sent')).toBeVisible()
  await open(page, `/deliveries/${id}`)
  await expect(page.getByRole('row', { name: /Receiver/ })).toContainText('pending')
  await expect(page.getByText('Waits to be sent to Receiver: sending is paused.')).toBeVisible()
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    expect((await new AxeBuilder({ page }).analyze()).violations.map((found) => found.id)).toEqual([])
    await page.screenshot({ path: `test-results/screens/paused-${theme}.png` })
  }
  // A reload tells it too: the pause is the engine's, not the page's.
  await page.reload()
  await expect(engine.getByText('Sending paused')).toBeVisible()
  expect(receiver.requests).toHaveLength(0)
  await engine.getByRole('button', { name: 'Resume sending' }).click()
  await expect(engine.getByText('Sending paused')).toHaveCount(0)
  await expect(page.getByRole('row', { name: /Receiver/ })).toContainText('succeeded')
  expect(receiver.requests).toHaveLength(1)
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('option', { name: 'Pause sending' })).toBeVisible()
  await page.keyboard.press('Escape')
})
