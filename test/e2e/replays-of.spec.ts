import { expect, open, test } from './fixture.ts'

test('the replays of a capture stand in its detail as they go, and lead to what they made', async ({
  app: page,
  receiver,
  instance,
}) => {
  await page.getByRole('button', { name: 'Send your first event' }).click()
  await expect(page.getByText('verified', { exact: true }).first()).toBeVisible()
  const [capture] = (await instance.client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}?tab=replays`)
  const panel = page.getByRole('tabpanel', { name: 'Replays' })
  await expect(panel.getByText('Not replayed yet')).toBeVisible()
  await expect(panel.locator('kbd')).toHaveText('r')
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog', { name: 'Replay 1 capture' })
  await dialog.getByLabel('URL').fill(`${receiver.url}/again`)
  await dialog.getByRole('button', { name: 'Replay' }).click()
  const rows = panel.getByRole('grid', { name: 'replays' }).getByRole('row')
  await expect(rows).toHaveCount(2)
  await expect(rows.nth(1)).toContainText('exactly as it was')
  await expect(rows.nth(1)).toContainText('succeeded')
  await expect(rows.nth(1)).toContainText(`${receiver.url}/again`)

  // Made elsewhere, it is there all the same.
  receiver.answer = 503
  const ids = capture === undefined ? [] : [capture.id]
  await instance.client.call('replays.create', {
    capture_ids: ids,
    to: { url: receiver.url },
    mode: 'resigned',
  })
  await expect(rows).toHaveCount(3)
  await expect(rows.nth(1)).toContainText('signed anew')
  await expect(rows.nth(1)).toContainText('failed')
  await expect(rows.nth(1)).toContainText('503')

  await rows.nth(2).click()
  await expect(page.getByRole('article', { name: 'Delivery' })).toBeVisible()
  await page.getByRole('tab', { name: 'About' }).click()
  await expect(page.getByText('replay, exactly as it was')).toBeVisible()
  await page.getByRole('tab', { name: 'Replays' }).click()
  await expect(page.getByText('Not replayed yet')).toBeVisible()
  await page.goBack()
  await panel.getByRole('link', { name: 'Show them in the list of deliveries' }).click()
  await expect(page.getByRole('grid', { name: 'deliveries' }).getByRole('row')).toHaveCount(3)
})

test('a failed delivery says how to replay it where r retries it', async ({
  app: page,
  receiver,
  instance,
}) => {
  receiver.answer = 500
  const raw = Buffer.from('GET /kept HTTP/1.1\r\nHost: x\r\n\r\n').toString('base64')
  const [capture] = (await instance.client.call('captures.import', { requests: [{ raw_base64: raw }] })).items
  const { deliveries } = await instance.client.call('replays.create', {
    capture_ids: capture === undefined ? [] : [capture.id],
    to: { url: receiver.url },
    mode: 'exact',
  })
  await open(page, `/deliveries/${deliveries[0]?.id}?tab=replays`)
  await expect(page.getByRole('tabpanel', { name: 'Replays' })).toContainText('Replay, above, sends it again')
})
