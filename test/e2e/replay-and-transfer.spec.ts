import { readFile } from 'node:fs/promises'
import { expect, open, test } from './fixture.ts'

test('a capture is replayed to another receiver, re-signed', async ({ app: page, receiver, instance }) => {
  await page.getByRole('button', { name: 'Send your first event' }).click()
  await expect(page.getByText('verified', { exact: true }).first()).toBeVisible()
  const [capture] = (await instance.client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}`)
  await expect(page.getByRole('article', { name: 'Capture' })).toBeVisible()
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog', { name: 'Replay 1 capture' })
  await dialog.getByLabel('URL').fill(`${receiver.url}/again`)
  await dialog.getByLabel('Signature').selectOption('resigned')
  await dialog.getByRole('button', { name: 'Replay' }).click()
  await expect(page.getByText('1 request sent again: 1 succeeded', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(page.getByRole('grid', { name: 'deliveries' }).getByRole('row')).toHaveCount(2)
  const [again] = receiver.requests
  const signature = capture?.headers.find(([name]) => name.toLowerCase() === 'x-leadpush-signature')?.[1]
  expect(again?.path).toBe('/again')
  expect(again?.headers['x-leadpush-signature']).toMatch(/^sha256=[0-9a-f]{64}$/)
  expect([signature, capture?.delivery_id]).toEqual([
    expect.stringMatching(/^sha256=/),
    again?.headers['x-leadpush-delivery'],
  ])
})

test('several captures are replayed in order, with a summary', async ({ app: page, receiver, instance }) => {
  for (const path of ['/a', '/b', '/c']) await fetch(instance.capture + path, { method: 'POST', body: path })
  await open(page, '/captures')
  await expect(page.getByRole('grid', { name: 'captures' }).getByRole('row')).toHaveCount(4)
  await page.keyboard.press('a')
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Replay' }).click()
  const dialog = page.getByRole('dialog', { name: 'Replay 3 captures' })
  await dialog.getByLabel('URL').fill(receiver.url)
  await dialog.getByLabel('Pace').selectOption('rate')
  await dialog.getByRole('button', { name: 'Replay' }).click()
  await expect(page.getByText('3 requests sent again: 3 succeeded', { exact: true })).toBeVisible()
  expect(receiver.requests.map(({ body }) => body)).toEqual(['/a', '/b', '/c'])
})

test('a request is copied as cURL, with its signature masked', async ({ app: page, clipboard, instance }) => {
  await page.getByRole('button', { name: 'Send your first event' }).click()
  await expect(page.getByText('verified', { exact: true }).first()).toBeVisible()
  const [delivery] = (await instance.client.call('deliveries.list', {})).items
  await open(page, `/deliveries/${delivery?.id}`)
  await expect(page.getByRole('article', { name: 'Delivery' })).toBeVisible()
  await page.keyboard.press('c')
  await expect(page.getByText('Copied as cURL', { exact: false }).first()).toBeVisible()
  const copied = await clipboard()
  expect(copied).toContain('curl')
  expect(copied).not.toMatch(/sha256=[0-9a-f]{64}/)
})

test('a request is saved masked, or with its secrets when that is asked for', async ({
  app: page,
  instance,
}, info) => {
  await page.getByRole('button', { name: 'Send your first event' }).click()
  await expect(page.getByText('verified', { exact: true }).first()).toBeVisible()
  const [delivery] = (await instance.client.call('deliveries.list', {})).items
  await open(page, `/deliveries/${delivery?.id}`)
  const saved = async (name: string, press: () => Promise<void>): Promise<string> => {
    await page.getByRole('article', { name: 'Delivery' }).getByRole('button', { name: 'More' }).click()
    const download = page.waitForEvent('download')
    await press()
    const path = info.outputPath(name)
    await (await download).saveAs(path)
    return readFile(path, 'utf8')
  }
  const masked = await saved('masked.http', () =>
    page.getByRole('menuitem', { name: 'Save as .http file' }).click(),
  )
  expect(masked).toContain('X-Leadpush-Signature: *****')
  await expect(page.getByText('Saved; signatures and secrets are masked').first()).toBeVisible()
  const whole = await saved('whole.json', async () => {
    await page.getByRole('menuitem', { name: 'Save with secrets …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Save with secrets' })
    await expect(dialog).toContainText('whoever has it can use them')
    await dialog.getByLabel('Format').selectOption('Postman collection')
    await dialog.getByRole('button', { name: 'Save' }).click()
  })
  expect(whole).toMatch(/sha256=[0-9a-f]{64}/)
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('the configuration is exported, changed in the file, and imported with its plan shown', async ({
  app: page,
  instance,
}, info) => {
  await open(page, '/settings')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export the configuration' }).click()
  const file = info.outputPath('hookbench.yaml')
  await (await download).saveAs(file)
  const text = await readFile(file, 'utf8')
  expect(text).toContain('hookbench.config/v1')
  const choose = page.getByLabel('Configuration to import')
  const import_ = (content: string) =>
    choose.setInputFiles({ name: 'hookbench.yaml', mimeType: 'text/yaml', buffer: Buffer.from(content) })
  await import_(text)
  await expect(page.getByRole('button', { name: 'Nothing to import' })).toBeDisabled()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await import_(text.replace('timeout_seconds: 10', 'timeout_seconds: 42'))
  const dialog = page.getByRole('dialog', { name: 'Import a configuration' })
  await expect(dialog.getByRole('list', { name: 'Plan' })).toContainText('10 → 42')
  await page.screenshot({ path: 'test-results/screens/import-light.png' })
  await dialog.getByRole('button', { name: 'Apply 1 change' }).click()
  await expect(page.getByText('Imported: 0 created, 1 changed, 0 deleted', { exact: true })).toBeVisible()
  const [destination] = (await instance.client.call('destinations.list', {})).items
  expect(destination?.timeout_seconds).toBe(42)
})

test('one destination is exported from its row and imported elsewhere, where its secret is asked for', async ({
  app: page,
  instance,
  expected,
}, info) => {
  // Without its secret the plan is refused.
  expected.push(/400 \(Bad Request\)/)
  const { client } = instance
  await open(page, '/destinations')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Actions for Local receiver' }).click()
  await page.getByRole('menuitem', { name: 'Export' }).click()
  const file = info.outputPath('destination.yaml')
  await (await download).saveAs(file)
  const text = await readFile(file, 'utf8')
  expect(text).toContain('${LEADPUSH_LOCAL_RECEIVER_SECRET}')
  expect(text).not.toContain('endpoints:')
  const other = text.replaceAll('Local receiver', 'Elsewhere')
  await open(page, '/settings')
  await page
    .getByLabel('Configuration to import')
    .setInputFiles({ name: 'destination.yaml', mimeType: 'text/yaml', buffer: Buffer.from(other) })
  const dialog = page.getByRole('dialog', { name: 'Import a configuration' })
  await expect(dialog.getByText('type in their values below')).toBeVisible()
  await dialog.getByLabel('LEADPUSH_LOCAL_RECEIVER_SECRET').fill('the-value-of-the-secret-9182')
  await dialog.getByRole('button', { name: /^Apply/ }).click()
  await expect(page.getByText(/^Imported: \d+ created/)).toBeVisible()
  const made = (await client.call('destinations.list', {})).items.find(({ name }) => name === 'Elsewhere')
  expect(made?.secret_last4).toBe('9182')
  expect(instance.log()).not.toContain('the-value-of-the-secret')
})
