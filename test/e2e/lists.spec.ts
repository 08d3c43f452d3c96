import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { Client } from '../../src-shared/api/client.ts'
import { expect, firstWorkspace, open, test } from './fixture.ts'

const many = 2000

async function workspaceWithoutSubscriptions(client: Client) {
  const workspace = await firstWorkspace(client)
  for (const { id } of (await client.call('subscriptions.list', {})).items)
    await client.call('subscriptions.delete', { id })
  return workspace.id
}

async function makeMany(make: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < many; from += 100)
    await Promise.all(Array.from({ length: 100 }, (_, index) => make(from + index)))
}

const rowCount = (page: Page) => page.locator('[role=row], tr, li').count()
const current = (page: Page) => page.locator('[role=row][aria-current=true]')

/** Presses End until this row is reached: what is further down is read on the way. */
async function goToEnd(page: Page, name: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('End')
    await expect(current(page)).toContainText(name, { timeout: 250 })
  }).toPass({ timeout: 60_000 })
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(
    violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
  ).toEqual([])
}

test('of 2,000 contacts a screenful exists, and keys reach, find, select and open the last', async ({
  app: page,
  instance,
}) => {
  test.setTimeout(240_000)
  const { client } = instance
  const workspace_id = await workspaceWithoutSubscriptions(client)
  await makeMany((index) =>
    client.call('contacts.create', {
      workspace_id,
      _id: `person_${String(index).padStart(4, '0')}`,
      attributes: { email: `person${index}@example.com`, first_name: `First ${index}` },
    }),
  )
  await page.keyboard.press('7')
  const grid = page.getByRole('grid', { name: 'contacts' })
  await expect(grid.getByRole('row').nth(5)).toBeVisible()
  expect(await rowCount(page)).toBeLessThan(100)
  await expectAccessible(page)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await expect(current(page)).toHaveCount(1)
  await grid.focus()
  await goToEnd(page, 'person1999@example.com')
  await expect(current(page)).toBeInViewport()
  expect(await rowCount(page)).toBeLessThan(100)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Edit person_1999' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(current(page)).toContainText('person1999@example.com')
  await page.keyboard.press('x')
  await expect(page.getByRole('region', { name: 'Selection' })).toContainText('1 contact selected')
  // The address leads to one that no page has read yet, and the search is the server's.
  await page.keyboard.press('/')
  await page.keyboard.type('person177')
  await expect(grid.getByRole('row')).toHaveCount(12)
  await page.keyboard.press('Tab')
  await open(page, '/contacts/person_1500?q=person177')
  await expect(page.getByRole('dialog', { name: 'Edit person_1500' })).toBeVisible()
})

test('of 2,000 destinations a screenful exists, and keys reach, open and act upon the last', async ({
  app: page,
  instance,
}) => {
  test.setTimeout(240_000)
  const { client } = instance
  const workspace_id = await workspaceWithoutSubscriptions(client)
  await makeMany((index) =>
    client.call('destinations.create', {
      workspace_id,
      name: `Destination ${String(index).padStart(4, '0')}`,
      url_template: `http://127.0.0.1:9/hooks/${index}`,
    }),
  )
  const { items } = await client.call('destinations.list', {})
  const last = items.at(-1)?.name ?? ''
  await page.keyboard.press('5')
  const grid = page.getByRole('grid', { name: 'destinations' })
  await expect(grid.getByRole('row').nth(5)).toBeVisible()
  expect(await rowCount(page)).toBeLessThan(100)
  await expectAccessible(page)
  await grid.focus()
  await goToEnd(page, last)
  await expect(current(page)).toBeInViewport()
  expect(await rowCount(page)).toBeLessThan(100)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: last, level: 1 })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(current(page)).toContainText(last)
  await expect(current(page)).toBeInViewport()
  await page.keyboard.press('s')
  await expect(current(page)).toContainText('disabled')
  await page.keyboard.press('x')
  await page.keyboard.press('k')
  await page.keyboard.press('x')
  const selection = page.getByRole('region', { name: 'Selection' })
  await expect(selection).toContainText('2 destinations selected')
  await selection.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the destinations' }).click()
  await expect(page.getByText('2 destinations deleted', { exact: true })).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('hooks/42')
  await expect(grid.getByRole('row')).not.toHaveCount(1)
})
