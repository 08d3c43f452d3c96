import { expect, open, test } from './fixture.ts'

test('a capture shows what its sender was answered, as inert text', async ({ app: page, instance }) => {
  const { client } = instance
  const inbox = (await client.call('endpoints.list', {})).items.find(({ slug }) => slug === 'inbox')
  if (inbox === undefined) throw new Error('there is no inbox')
  const body = '<img src=x onerror="document.title=1">{"queued":true}'
  const answer = { status: 202, headers: [['X-Served-By', 'the bench'] as [string, string]], body }
  await client.call('endpoints.change', { id: inbox.id, answer })
  const answered = await fetch(instance.capture, { method: 'POST', body: 'hi' })
  expect([answered.status, await answered.text()]).toEqual([202, body])
  const [capture] = (await client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}`)
  await page.getByRole('tab', { name: 'Answer' }).click()
  const panel = page.getByRole('tabpanel', { name: 'Answer' })
  await expect(panel.getByText('202', { exact: true })).toBeVisible()
  const headers = panel.getByRole('table', { name: 'Headers of the answer' })
  await expect(headers.getByRole('row', { name: /X-Served-By/ })).toContainText('the bench')
  await expect(headers.getByRole('row', { name: /Content-Length/ })).toContainText(String(body.length))
  await expect(panel.getByText(body)).toBeVisible()
  expect(await page.title()).toContain('Captures')
  // The tab is in the address.
  await page.reload()
  await expect(panel.getByText(body)).toBeVisible()
})

test('a capture that nobody waited for says so', async ({ app: page, instance }) => {
  const raw = Buffer.from('GET /kept HTTP/1.1\r\nHost: x\r\n\r\n').toString('base64')
  const { items } = await instance.client.call('captures.import', { requests: [{ raw_base64: raw }] })
  await open(page, `/captures/${items[0]?.id}?tab=answer`)
  await expect(page.getByText('This request was imported, so there was nobody to answer.')).toBeVisible()
})
