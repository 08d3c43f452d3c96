import { createHmac } from 'node:crypto'
import { expect, firstWorkspace, open, test } from './fixture.ts'

/** What Leadpush sends, signed with this secret over `signed`. */
function headersFor(secret: string, signed: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', secret).update(`${timestamp}.d-1.${signed}`).digest('hex')
  return {
    'content-type': 'application/json',
    'x-leadpush-timestamp': timestamp,
    'x-leadpush-delivery': 'd-1',
    'x-leadpush-event': 'contact.created',
    'x-leadpush-signature': `sha256=${signature}`,
  }
}

test('the doctor names what reproduces a refused signature, with the bytes side by side', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  await client.call('endpoints.create', {
    name: 'Mine',
    slug: 'mine',
    provider: 'leadpush',
    secrets: [{ value: 'the right secret' }],
  })
  const send = (secret: string, signed: string, body: string) =>
    fetch(`${instance.capture}/in/mine`, { method: 'POST', headers: headersFor(secret, signed), body })
  await send('the right secret', '{"a": 1, "name": "Zo\\u00eb"}', '{"a":1,"name":"Zoë"}')
  const [capture] = (await client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}`)
  const verdict = page.getByRole('group', { name: 'Verdict' })
  await expect(verdict).toContainText('rejected · body-reserialized')
  await expect(verdict).toContainText("as Python's json.dumps does")
  const bytes = verdict.getByRole('table', { name: 'They differ from byte 5 on' })
  await expect(bytes.getByRole('row', { name: /Signed/ })).toContainText('{"a": 1, "name": "Zo\\u00eb"}')
  await expect(bytes.getByRole('row', { name: /Arrived/ })).toContainText('{"a":1,"name":"Zoë"}')
})

test('a refusal is explained by other destinations’ secrets, and looked at again with what is known now', async ({
  app: page,
  instance,
}) => {
  const { client } = instance
  const workspace = await firstWorkspace(client)
  await client.call('destinations.create', {
    workspace_id: workspace.id,
    name: 'Staging CRM',
    url_template: 'http://127.0.0.1:9/',
    secret: 'the secret of staging',
  })
  const endpoint = await client.call('endpoints.create', {
    name: 'Mine',
    slug: 'mine',
    provider: 'leadpush',
    secrets: [{ value: 'the right secret' }],
  })
  const headers = headersFor('the secret of staging', '{}')
  await fetch(`${instance.capture}/in/mine`, { method: 'POST', headers, body: '{}' })
  const [capture] = (await client.call('captures.list', {})).items
  await open(page, `/captures/${capture?.id}`)
  const verdict = page.getByRole('group', { name: 'Verdict' })
  await expect(verdict).toContainText('rejected · other-secret')
  await expect(verdict).toContainText('signed with the secret "Staging CRM"')
  await client.call('endpoints.change', { id: endpoint.id, secrets: [{ value: 'the secret of staging' }] })
  await page.reload()
  await expect(verdict).toContainText('rejected')
  await expect(verdict).toContainText('With what is known now it is verified')
})
