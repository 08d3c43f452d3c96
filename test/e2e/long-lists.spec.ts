import { expect, open, test } from './fixture.ts'

const names = (n: number): string => `/in/inbox?n=${String(n).padStart(3, '0')}`

test('the list follows, pauses on a selection, says how many are new, and nothing moves meanwhile', async ({
  app: page,
  instance,
}) => {
  const send = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n += 1) await fetch(instance.capture + names(n))
  }
  await send(0, 120)
  await open(page, '/captures')
  const grid = page.getByRole('grid', { name: 'captures' })
  const row = (n: number) => grid.getByRole('row').filter({ hasText: names(n) })
  const follow = page.getByRole('button', { name: /^(Following|Paused|Follow)$/ })
  await expect(row(119)).toBeVisible()
  await expect(follow).toHaveText('Following')
  await send(120, 122)
  await expect(grid.getByRole('row').nth(1)).toContainText(names(121))

  await row(118).locator('.grid-check').click()
  await expect(follow).toHaveText('Paused')
  const place = await row(118).boundingBox()
  await send(122, 125)
  await expect(page.getByRole('button', { name: '3 new captures' })).toBeVisible()
  await expect(row(124)).toHaveCount(0)
  expect(await row(118).boundingBox()).toEqual(place)
  await page.getByRole('button', { name: '3 new captures' }).click()
  await expect(grid.getByRole('row').nth(1)).toContainText(names(124))
  await expect(follow).toHaveText('Paused')
  await follow.click()
  await expect(follow).toHaveText('Following')
  await expect(page.getByRole('region', { name: 'Selection' })).toHaveCount(0)

  await grid.evaluate((element) => element.scrollTo({ top: 40 * 32 }))
  await expect(row(80)).toBeVisible()
  await expect(follow).toHaveText('Paused')
  const further = await row(80).boundingBox()
  await send(125, 127)
  await expect(page.getByRole('button', { name: '2 new captures' })).toBeVisible()
  expect(await row(80).boundingBox()).toEqual(further)
  // What goes away above it doesn't move it either.
  const { items } = await instance.client.call('captures.list', { limit: 20 })
  await instance.client.call('captures.remove', { ids: items.slice(5, 15).map(({ id }) => id) })
  await expect(row(115)).toHaveCount(0)
  await expect(page.locator('.list-foot')).toContainText('115')
  expect(await row(80).boundingBox()).toEqual(further)
})

test('a list that nobody scrolls reads its first pages only', async ({ app: page, instance }) => {
  for (let n = 0; n < 900; n += 30)
    await Promise.all(Array.from({ length: 30 }, (_, each) => fetch(instance.capture + names(n + each))))
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/captures?')) asked.push(new URL(request.url()).search)
  })
  await open(page, '/captures')
  await expect(page.locator('.list-foot')).toHaveText('350 captures read, more below')
  const grid = page.getByRole('grid', { name: 'captures' })
  await expect(grid.getByRole('row').nth(20)).toBeVisible()
  const read = asked.length
  await grid.evaluate((element) => element.scrollTo({ top: element.scrollHeight }))
  await expect(page.locator('.list-foot')).toHaveText('850 captures read, more below')
  expect(asked.length).toBe(read + 2)
  expect(await grid.getByRole('row').count()).toBeLessThan(100)
})

test('a body of 25 MiB opens at its beginning, and the rest is read as far as one looks', async ({
  app: page,
  instance,
}) => {
  const mebibyte = 1024 * 1024
  const record = (n: number): string => `{"n": ${n}, "note": "${'x'.repeat(70)}"},\n`
  let body = '[\n'
  for (let n = 0; body.length < 25 * mebibyte - 200; n += 1) body += record(n)
  body += '{"n": "last"}]\n'
  const sent = await fetch(`${instance.capture}/in/inbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(sent.status).toBe(200)
  const [capture] = (await instance.client.call('captures.list', {})).items
  let readBytes = 0
  page.on('response', (response) => {
    if (response.url().endsWith('/body')) readBytes += Number(response.headers()['content-length'])
  })
  await open(page, `/captures/${capture?.id ?? ''}?tab=body`)
  const raw = page.getByRole('region', { name: 'Body, raw' })
  await expect(raw.getByText('"n": 0,')).toBeVisible()
  expect(readBytes).toBe(0)
  await expect(page.getByText('more is read while you scroll')).toBeVisible()
  for (let turn = 0; turn < 3; turn += 1) {
    const before = readBytes
    await raw.evaluate((element) => element.scrollTo({ top: element.scrollHeight }))
    await expect.poll(() => readBytes).toBeGreaterThan(before)
  }
  expect(readBytes).toBeLessThan(3 * mebibyte)
  await page.getByRole('button', { name: 'hex' }).click()
  const bytes = page.getByRole('region', { name: 'Body as bytes' })
  for (let section = 0; section < 3; section += 1) await page.getByRole('button', { name: 'On' }).click()
  await bytes.evaluate((element) => element.scrollTo({ top: element.scrollHeight }))
  await expect(bytes.getByText('last"}]')).toBeVisible()
  expect(readBytes).toBeLessThan(6 * mebibyte)
})
