import { expect, test, type ConsoleMessage } from '@playwright/test'
import { serveInstance, type ServedInstance } from '../support/served-instance.ts'

let instance: ServedInstance

test.beforeEach(async () => {
  instance = await serveInstance()
})
test.afterEach(async () => {
  await instance.stop()
})

async function loginLink(): Promise<string> {
  const response = await fetch(`${instance.api}/session/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  return ((await response.json()) as { url: string }).url
}

test('a sample event is sent, and its verified capture stands beside the delivery', async ({ page }) => {
  const complaints: string[] = []
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(await loginLink())
  await page.getByRole('button', { name: 'Send a sample event' }).click()
  await expect(page.getByRole('region', { name: 'Deliveries' }).getByText('succeeded')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Captures' }).getByText('verified')).toBeVisible()
  expect(new URL(page.url()).hash).toBe('')
  expect(complaints).toEqual([])
})

test('a login link is good once', async ({ page, browser }) => {
  const link = await loginLink()
  await page.goto(link)
  await expect(page.getByText('Receiver at')).toBeVisible()
  const other = await browser.newContext()
  const second = await other.newPage()
  await second.goto(link)
  await expect(second.getByRole('alert')).toContainText('not logged in')
  await other.close()
})

test('captured markup stays text', async ({ page }) => {
  await fetch(`${instance.capture}/in/sample?x=<img src=x onerror=document.title=1>`, {
    method: 'POST',
    body: '<script>document.title="owned"</script>',
  })
  await page.goto(await loginLink())
  await expect(page.getByRole('region', { name: 'Captures' }).getByText('/in/sample?x=')).toBeVisible()
  expect(await page.title()).toBe('Hookbench')
})
