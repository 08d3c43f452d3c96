import { once } from 'node:events'
import { serveInstance } from '../support/served-instance.ts'
import { expect, loginLink, open, test } from './fixture.ts'

test('the server is restarted under the page: it says so, keeps what was typed, and goes on after the login', async ({
  page,
  expected,
}) => {
  // A server that is away can't be asked without the browser noting it.
  expected.push(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|401|Failed to load resource/)
  let instance = await serveInstance()
  const port = new URL(instance.api).port
  await page.goto(await loginLink(instance))
  await open(page, '/destinations/new')
  await page.getByLabel('Name', { exact: true }).fill('Typed before the restart')
  const ended = once(instance.process, 'exit')
  instance.process.kill('SIGTERM')
  await ended
  await expect(page.getByRole('alert').getByText('Hookbench does not answer')).toBeVisible()
  instance = await serveInstance(['--port', port], instance.folder)
  await expect(page.getByRole('alert').getByText('Open it again with')).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Typed before the restart')
  const other = await page.context().newPage()
  await other.goto(await loginLink(instance))
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Typed before the restart')
  await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9/x')
  await page.getByRole('button', { name: 'Create the destination' }).click()
  await expect(page.getByRole('dialog', { name: 'Secret of Typed before the restart' })).toBeVisible()
  await instance.stop()
})

test('a login link is good once', async ({ app: page, instance, browser, expected }) => {
  expected.push(/401/)
  const link = await loginLink(instance)
  await page.goto(link)
  await page.reload()
  const context = await browser.newContext()
  const second = await context.newPage()
  await second.goto(link)
  await expect(second.getByRole('alert')).toContainText('Open it again with')
  await context.close()
})
