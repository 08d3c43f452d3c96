import { expect, firstWorkspace, open, test } from './fixture.ts'

const hostile =
  '<img src=x onerror="document.title=1"><svg onload="document.title=2"><script>document.title=3</script>'

test('abuse 16, 17: captured markup, in body, path, headers and names, stays visible text', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  const requested: string[] = []
  page.on('request', (request) => requested.push(request.url()))
  await client.call('endpoints.create', { name: hostile, slug: 'hostile' })
  const workspace = await firstWorkspace(client)
  await client.call('contacts.create', {
    workspace_id: workspace.id,
    attributes: { email: hostile, first_name: '\u202Egnp.exe' },
  })
  await fetch(`${instance.capture}/in/hostile?x=<img src=x>`, {
    method: 'POST',
    headers: { 'content-type': 'text/html', 'x-evil': hostile },
    body: `${hostile}\n\u001b[31mred \u202Egnp.exe`,
  })
  await open(page, '/captures')
  // The new contact's own event is captured too, before or after.
  const captures = page.getByRole('grid', { name: 'captures' })
  await captures.getByRole('row').filter({ hasText: '/in/hostile' }).click()
  const detail = page.getByRole('article', { name: 'Capture' })
  await expect(detail.getByText(hostile)).toBeVisible()
  await expect(detail.getByText('␛[31mred ‹RLO›gnp.exe')).toBeVisible()
  await detail.getByRole('button', { name: 'hex' }).click()
  await expect(detail.getByText('3c 69 6d 67').first()).toBeVisible()
  await detail.getByRole('tab', { name: /Headers/ }).click()
  await expect(detail.getByText(hostile).first()).toBeVisible()
  await open(page, '/endpoints')
  await expect(page.getByRole('grid', { name: 'endpoints' }).getByText(hostile)).toBeVisible()
  await open(page, '/contacts')
  await expect(page.getByText(hostile)).toBeVisible()
  await expect(page.getByText('‹RLO›gnp.exe')).toBeVisible()
  expect(await page.title()).toContain('Hookbench')
  expect(await page.locator('main img, main script, main iframe, main svg[onload]').count()).toBe(0)
  const origin = page.url().split('/', 3).join('/')
  expect(requested.filter((url) => !url.startsWith(`${origin}/`))).toEqual([])
})

test('a large body opens at once and is read in parts', async ({ app: page, instance }) => {
  const line = `${'0123456789'.repeat(20)}\n`
  await fetch(`${instance.capture}/in/inbox`, { method: 'POST', body: line.repeat(100_000) })
  let read = 0
  page.on('response', (response) => {
    if (response.url().includes('/body')) read += Number(response.headers()['content-length'] ?? 0)
  })
  await open(page, '/captures')
  await page.getByRole('grid', { name: 'captures' }).getByRole('row').nth(1).click()
  const detail = page.getByRole('article', { name: 'Capture' })
  await expect(detail.getByText('01234567890123456789').first()).toBeVisible()
  await detail.getByRole('button', { name: 'hex' }).click()
  await expect(detail.getByText('00000000').first()).toBeVisible()
  await detail.getByRole('region', { name: 'Body as bytes' }).evaluate((element) => {
    element.scrollTop = element.scrollHeight
  })
  await expect(detail.getByText('007fff').first()).toBeVisible()
  expect(read).toBeLessThan(2_000_000)
})
