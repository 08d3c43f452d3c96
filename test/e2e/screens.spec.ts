import { createHmac } from 'node:crypto'
import { AxeBuilder } from '@axe-core/playwright'
import { mkdirSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, firstWorkspace, open, test, type Instance, type Receiver } from './fixture.ts'

const shots = 'test-results/screens'
mkdirSync(shots, { recursive: true })

/** Deliveries in every state, captures with every verdict, and content that would like to be more than text. */
async function fill(instance: Instance, receiver: Receiver) {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  const raise = (type: string) => client.call('events.raise', { workspace_id: workspace.id, type })
  const failing = await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Staging CRM',
    url_template: `${receiver.url}/hooks/{{ contact._id }}?source=hookbench`,
    headers_template: [{ name: 'X-Environment', value: 'staging' }],
    body_template:
      '{"name": "{{ contact.attributes.first_name }}", "mail": {{ contact.attributes.email | json }}}',
  })
  await client.call('subscriptions.create', {
    destination_id: failing.id,
    event_types: ['contact.created', 'contact.updated'],
  })
  for (const type of ['contact.created', 'contact.subscribed', 'contact.deleted']) await raise(type)
  await expect
    .poll(async () => (await client.call('deliveries.list', { status: ['succeeded'] })).items.length)
    .toBe(4)
  receiver.answer = 503
  const first = await raise('contact.updated')
  await raise('contact.created')
  await expect
    .poll(async () => (await client.call('deliveries.list', { status: ['retrying'] })).items.length)
    .toBe(2)
  const cancelled = first.deliveries.find(({ destination_id: id }) => id === failing.id)
  if (cancelled !== undefined) await client.call('deliveries.cancel', { id: cancelled.id })
  await fetch(`${instance.capture}/in/sample/orders?x=<img src=x onerror=document.title=1>`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-leadpush-signature': 'sha256=0000' },
    body: '{"note":"<script>document.title=1</script>","amount":12.50,"tags":[]}',
  })
  await fetch(`${instance.capture}/in/inbox`, { method: 'PUT', body: '\u001b[31mred\u001b[0m \u202Egnp.exe' })
  const retrying = (await client.call('deliveries.list', { status: ['retrying'] })).items[0]
  const rejected = (await client.call('captures.list', { verdict: ['rejected'] })).items[0]
  const [sample] = (await client.call('endpoints.list', {})).items.filter(({ slug }) => slug === 'sample')
  await client.call('endpoints.change', {
    id: sample?.id ?? '',
    provider: 'leadpush',
    destination_id: null,
    secrets: [{ value: 'a secret of mine' }],
  })
  const body = '{"event":{"type":"contact.created"},"contact":{"attributes":{"first_name":"Zoë"}}}'
  const timestamp = String(Math.floor(Date.now() / 1000))
  const written = body.replace('ë', '\\u00eb')
  await fetch(`${instance.capture}/in/sample`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-leadpush-timestamp': timestamp,
      'x-leadpush-delivery': 'diagnosed',
      'x-leadpush-signature': `sha256=${createHmac('sha256', 'a secret of mine').update(`${timestamp}.diagnosed.${written}`).digest('hex')}`,
    },
    body,
  })
  const diagnosed = (await client.call('captures.list', { delivery_id: 'diagnosed' })).items[0]
  const [event] = (await client.call('events.list', {})).items
  if (!retrying || !rejected || !diagnosed || !event) throw new Error('not all is there')
  await client.call('replays.create', {
    capture_ids: [rejected.id],
    to: { url: `${receiver.url}/again` },
    mode: 'exact',
  })
  return { failing, retrying, rejected, diagnosed, event }
}

const sizes = [
  { width: 1680, height: 1050 },
  { width: 1280, height: 800 },
] as const

async function shoot(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    for (const size of sizes) {
      await page.setViewportSize(size)
      await page.screenshot({ path: `${shots}/${name}-${size.width}-${theme}.png` })
    }
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect
      .soft(
        violations.map(
          ({ id, nodes }) =>
            `${name} ${theme}: ${id} ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
        ),
      )
      .toEqual([])
  }
}

/** What keys and buttons put over a screen. */
async function shootWhatOpens(page: Page): Promise<void> {
  await open(page, '/destinations')
  await expect(page.getByRole('row', { name: /Staging CRM/ })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await expect(page.getByRole('region', { name: 'Selection' })).toBeVisible()
  await shoot(page, 'destinations-selected')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible()
  await shoot(page, 'keys')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
  await shoot(page, 'palette')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Actions for Staging CRM' }).click()
  await expect(page.getByRole('menuitem', { name: 'Send test' })).toBeVisible()
  await shoot(page, 'row-menu')
  await page.getByRole('menuitem', { name: 'Receiver code' }).click()
  await expect(page.getByText('createHmac').first()).toBeVisible()
  await shoot(page, 'receiver-code')
  await page.keyboard.press('Escape')
  await page.keyboard.press('#')
  await expect(page.getByRole('dialog', { name: /^Delete / })).toBeVisible()
  await shoot(page, 'confirm')
  await page.keyboard.press('Escape')
  await open(page, '/subscriptions/new')
  await page.getByLabel('All, also those that come later').click()
  await shoot(page, 'subscription-new')
  await page.keyboard.press('Escape')
  await open(page, '/')
  await page
    .getByRole('region', { name: 'Deliveries a minute' })
    .getByRole('button', { name: 'Table' })
    .click()
  await shoot(page, 'overview-table')
}

test('no screen has an accessibility violation in either theme', async ({
  app: page,
  instance,
  receiver,
}) => {
  test.setTimeout(480_000)
  await page.setViewportSize(sizes[1])
  await expect(page.getByRole('button', { name: 'Send your first event' })).toBeVisible()
  await shoot(page, 'first-start')
  const { failing, retrying, rejected, diagnosed, event } = await fill(instance, receiver)
  const screens: [name: string, path: string, ready: string][] = [
    ['overview', '/', 'p99'],
    ['deliveries', '/deliveries', 'retrying'],
    ['delivery', `/deliveries/${retrying.id}`, 'follows'],
    ['delivery-request', `/deliveries/${retrying.id}?tab=request`, 'X-Environment'],
    ['delivery-response', `/deliveries/${retrying.id}?tab=response`, 'answered'],
    ['delivery-replays', `/deliveries/${retrying.id}?tab=replays`, 'Not replayed yet'],
    ['deliveries-none', '/deliveries?q=nothing-like-it', 'No delivery matches'],
    ['captures', '/captures', 'rejected'],
    ['capture', `/captures/${rejected.id}`, 'amount'],
    ['capture-diagnosed', `/captures/${diagnosed.id}`, 'Arrived'],
    ['capture-headers', `/captures/${rejected.id}?tab=headers`, 'x-leadpush-signature'],
    ['capture-answer', `/captures/${rejected.id}?tab=answer`, 'Content-Length'],
    ['capture-replays', `/captures/${rejected.id}?tab=replays`, 'exactly as it was'],
    ['capture-notes', `/captures/${rejected.id}?tab=notes`, 'New tag'],
    ['capture-about', `/captures/${rejected.id}?tab=about`, 'Sample endpoint'],
    ['destinations', '/destinations', 'Staging CRM'],
    ['destination', `/destinations/${failing.id}`, 'stops being JSON'],
    ['destination-new', '/destinations/new', 'What it sends'],
    ['events', '/events', 'contact.deleted'],
    ['event', `/events/${event.id}`, 'occurred_at'],
    ['event-new', '/events/new', 'Goes to'],
    ['subscriptions', '/subscriptions', 'All contact events'],
    ['contacts', '/contacts', 'ada@example.com'],
    ['contacts-none', '/contacts?q=nobody', 'No contact matches'],
    ['contact', '/contacts/contact_1', 'Edit contact_1'],
    ['endpoints', '/endpoints', 'Sample endpoint'],
    ['endpoint-new', '/endpoints/new', 'Checks signatures'],
    ['settings', '/settings', 'Large bodies'],
  ]
  for (const [name, path, ready] of screens) {
    await open(page, path)
    await expect(page.getByText(ready).filter({ visible: true }).first()).toBeVisible()
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    await page.mouse.move(0, 0)
    await shoot(page, name)
  }
  await shootWhatOpens(page)
  expect(await page.title()).toContain('Hookbench')
})
