import { AxeBuilder } from '@axe-core/playwright'
import { serveInstance } from '../support/served-instance.ts'
import { expect, loginLink, open, test } from './fixture.ts'

for (const width of [740, 420]) {
  test(`in a window of ${width} px, workspaces and the state of the engine can be reached`, async ({
    app: page,
    instance,
  }) => {
    const { client } = instance
    await client.call('workspaces.create', { name: 'Other', provider: 'leadhub' })
    await page.setViewportSize({ width, height: 700 })
    const screens = page.getByRole('navigation', { name: 'Screens' })
    await expect(screens.getByText('Receiver is listening')).toBeInViewport({ ratio: 1 })
    await expect(screens.getByText('0 waiting, 0 being sent')).toBeInViewport({ ratio: 1 })
    await screens.getByLabel('Workspace').selectOption({ label: 'Other' })
    await open(page, '/destinations')
    await expect(page.getByText('No destination yet')).toBeVisible()
    await client.call('settings.change', { sending_paused: true })
    await expect(screens.getByText('Sending paused')).toBeInViewport({ ratio: 1 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
      await page.screenshot({ path: `test-results/screens/narrow-${width}-${colorScheme}.png` })
    }
    await screens.getByRole('button', { name: 'Resume sending' }).click()
    await expect(screens.getByText('Sending paused')).toHaveCount(0)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    // Each screen is still one step away.
    await screens.getByRole('link', { name: 'Captures' }).click()
    await expect(page.getByRole('heading', { name: 'Captures' })).toBeVisible()
  })
}

test('in a narrow window, a lost engine is told of', async ({ page, expected }) => {
  // A server that is away can't be asked without the browser noting it.
  expected.push(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load resource/)
  const instance = await serveInstance()
  await page.setViewportSize({ width: 420, height: 700 })
  await page.goto(await loginLink(instance))
  await expect(page.getByText('Receiver is listening')).toBeVisible()
  await instance.stop()
  await expect(page.getByText('Hookbench does not answer.')).toBeInViewport({ ratio: 1 })
  await expect(page.getByRole('button', { name: 'Try now' })).toBeInViewport({ ratio: 1 })
})

test('in a narrow window, a row’s menu can be scrolled to', async ({ app: page, instance }) => {
  const { client } = instance
  await client.call('endpoints.create', { name: 'Mine', slug: 'mine' })
  for (const width of [900, 480]) {
    await page.setViewportSize({ width, height: 700 })
    for (const [path, name] of [
      ['destinations', 'Local receiver'],
      ['subscriptions', 'All contact events'],
      ['contacts', 'ada@example.com'],
      ['endpoints', 'Mine'],
    ] as const) {
      await open(page, `/${path}`)
      const grid = page.getByRole('grid', { name: path })
      const menu = grid.getByRole('button', { name: `Actions for ${name}` })
      await expect(menu).toBeAttached()
      await grid.evaluate((element) => element.scrollTo({ left: 9999 }))
      await expect(menu, `${path} at ${width}`).toBeInViewport({ ratio: 1 })
      const [inner, outer] = [await menu.boundingBox(), await grid.boundingBox()]
      expect((inner?.x ?? 0) + (inner?.width ?? 0)).toBeLessThanOrEqual((outer?.x ?? 0) + (outer?.width ?? 0))
    }
  }
})
