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
