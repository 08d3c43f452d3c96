import { connectRaw } from '../support/raw-client.ts'
import { expect, open, test } from './fixture.ts'

test('what is no valid HTTP is shown with every byte that came', async ({ app: page, instance }) => {
  const client = await connectRaw(Number(new URL(instance.capture).port))
  await client.send('POST /in/inbox/broken HTTP/1.1\r\nBad Header: x\r\n\r\n\x00\xff')
  await client.closed()
  await open(page, '/captures')
  await page.getByRole('grid', { name: 'captures' }).getByRole('row').nth(1).click()
  const detail = page.getByRole('article', { name: 'Capture' })
  await expect(detail.getByRole('tab', { name: 'Body' })).toHaveCount(0)
  await expect(detail.getByRole('tab', { name: 'Wire' })).toHaveAttribute('aria-selected', 'true')
  await expect(detail.getByText('POST /in/inbox/broken HTTP/1.1␍')).toBeVisible()
  await expect(detail.getByText('Bad Header: x␍')).toBeVisible()
  await detail.getByRole('button', { name: 'hex' }).click()
  await expect(detail.getByText('0a 00 ff')).toBeVisible()
})

test('a body that was cut says how much of it is kept', async ({ app: page, instance }) => {
  await instance.client.call('settings.change', { capture_body_limit_bytes: 100_000 })
  const answer = await fetch(`${instance.capture}/in/inbox/large`, {
    method: 'POST',
    body: 'x'.repeat(200_000),
  })
  expect(answer.status).toBe(413)
  const [capture] = (await instance.client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}`)
  await expect(
    page
      .getByRole('group', { name: 'Verdict' })
      .getByText('64 KiB of 195 KiB are kept; the rest is beyond the limit.'),
  ).toBeVisible()
})
