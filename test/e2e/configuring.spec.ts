import { AxeBuilder } from '@axe-core/playwright'
import { createHmac } from 'node:crypto'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { pem } from '../support/pem.ts'
import { expect, open, test } from './fixture.ts'

function listenOn(port: number): Promise<Server> {
  const server = createServer((socket) => socket.end())
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

test('the receiver is moved to another port: a taken one is refused, a free one listened on at once', async ({
  app: page,
  instance,
  expected,
}) => {
  // A refusal is a 409, which the browser notes.
  expected.push(/409 \(Conflict\)/)
  const other = await listenOn(0)
  const { port } = other.address() as AddressInfo
  await open(page, '/settings')
  const addresses = page.getByRole('region', { name: 'Addresses' })
  await addresses.getByLabel("Receiver's port").fill(String(port))
  await addresses.getByRole('button', { name: 'Save the ports' }).click()
  await expect(addresses.getByText(`${port} is in use; choose another`)).toBeVisible()
  expect((await fetch(`${instance.capture}/in/inbox`)).status).toBe(200)
  await new Promise((resolve) => other.close(resolve))
  await addresses.getByRole('button', { name: 'Save the ports' }).click()
  await expect(addresses.getByText(`http://127.0.0.1:${port}`, { exact: true })).toBeVisible()
  expect((await fetch(`http://127.0.0.1:${port}/in/inbox`)).status).toBe(200)
  await expect(fetch(instance.capture)).rejects.toThrow('fetch failed')
  await open(page, '/endpoints')
  await expect(page.getByRole('row', { name: /Inbox/ })).toContainText(`:${port}/in/inbox`)
})

test('an endpoint answers with headers of its own; one that the receiver sets is refused where it stands', async ({
  app: page,
  instance,
  expected,
}) => {
  expected.push(/400 \(Bad Request\)/)
  await open(page, '/endpoints')
  await page.getByRole('row', { name: /Inbox/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit the endpoint' })
  await dialog.getByRole('button', { name: 'Add a header' }).click()
  await dialog.getByLabel('Name of header 1').fill('X-Served-By')
  await dialog.getByLabel('Value of header 1').fill('the bench')
  await dialog.getByRole('button', { name: 'Add a header' }).click()
  await dialog.getByLabel('Name of header 2').fill('Content-Length')
  await dialog.getByLabel('Value of header 2').fill('3')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(
    dialog.getByText('Content-Length is set by the receiver itself', { exact: true }),
  ).toBeVisible()
  await dialog.getByRole('button', { name: 'Remove header 2' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toHaveCount(0)
  const answer = await fetch(`${instance.capture}/in/inbox`)
  expect(answer.headers.get('x-served-by')).toBe('the bench')
})

test('a receiver with a CA of its own that asks for a client certificate is delivered to', async ({
  app: page,
  instance,
  expected,
}) => {
  expected.push(/400 \(Bad Request\)/)
  const callers: string[] = []
  const server = createTlsServer(
    { cert: pem('receiver'), key: pem('receiver-key'), ca: pem('ca'), requestCert: true },
    (request, response) => {
      callers.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN))
      response.end()
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await open(page, '/destinations/new')
  await page.getByLabel('Name', { exact: true }).fill('Guarded')
  await page.getByLabel('URL', { exact: true }).fill(`https://127.0.0.1:${port}/`)
  await page.getByText('TLS', { exact: true }).click()
  await page.getByLabel('CA of the receiver', { exact: true }).fill(pem('ca'))
  await page.getByLabel('File with the Client certificate').setInputFiles({
    name: 'client.pem',
    mimeType: 'application/x-pem-file',
    buffer: Buffer.from(pem('client')),
  })
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
  const key = page.getByLabel('Key of the client certificate', { exact: true })
  await key.fill(pem('receiver-key'))
  await page.getByRole('button', { name: 'Create the destination' }).click()
  await expect(page.getByText('does not belong to the client certificate')).toBeVisible()
  await page.screenshot({ path: 'test-results/screens/tls-light.png', fullPage: true })
  await key.fill(pem('client-key'))
  await page.getByRole('button', { name: 'Create the destination' }).click()
  await page.getByRole('button', { name: 'Send a test delivery' }).click()
  await expect(page.getByText('Guarded answered 200 after 1 attempt.')).toBeVisible()
  expect(callers).toHaveLength(1)
  const [destination] = (await instance.client.call('destinations.list', {})).items.filter(
    ({ name }) => name === 'Guarded',
  )
  await open(page, `/destinations/${destination?.id}`)
  await expect(page.getByText('One is kept and never shown.')).toBeVisible()
  await expect(key).toHaveValue('')
  await page.getByLabel('Accept self-signed certificates').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved')).toBeVisible()
  expect(
    (await instance.client.call('destinations.get', { id: destination?.id as never })).tls,
  ).toMatchObject({
    accept_self_signed: true,
    client_key_set: true,
  })
  server.closeAllConnections()
  server.close()
})

test('a scheme of one’s own is described, and an endpoint verifies by it', async ({
  app: page,
  instance,
  expected,
}) => {
  expected.push(/400 \(Bad Request\)|409 \(Conflict\)/)
  await open(page, '/settings')
  await page.getByRole('button', { name: 'New scheme' }).click()
  const dialog = page.getByRole('dialog', { name: 'New signature scheme' })
  await dialog.getByLabel('Name', { exact: true }).fill('Acme')
  await dialog.getByLabel('Start from').selectOption('the scheme of GitHub')
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveValue('Acme')
  await expect(dialog.getByText('X-Hub-Signature-256: sha256=')).toBeVisible()
  await dialog.getByLabel('Signature header').fill('X-Acme-Signature')
  await dialog.getByLabel('Algorithm').selectOption('HMAC-SHA512')
  await dialog.getByLabel('Signed content').fill('v0:{timestamp}:{body}')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByText('is needed (or a path').last()).toBeVisible()
  await dialog.getByLabel('Timestamp header').fill('X-Acme-Time')
  await page.screenshot({ path: 'test-results/screens/scheme-light.png' })
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('list', { name: 'Own schemes' })).toContainText(
    'HMAC-SHA512 in X-Acme-Signature',
  )
  await open(page, '/endpoints/new')
  const endpoint = page.getByRole('dialog', { name: 'New endpoint' })
  await endpoint.getByLabel('Name', { exact: true }).fill('Acme in')
  await endpoint.getByLabel('Checks signatures').selectOption('Acme')
  await endpoint.getByLabel('Secret', { exact: true }).fill('acme-secret')
  await endpoint.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('row', { name: /Acme in/ })).toContainText('Acme, …cret')
  const time = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha512', 'acme-secret').update(`v0:${time}:{"a":1}`).digest('hex')
  await fetch(`${instance.capture}/in/acme-in`, {
    method: 'POST',
    headers: { 'x-acme-time': time, 'x-acme-signature': `sha256=${signature}` },
    body: '{"a":1}',
  })
  await open(page, '/captures')
  await expect(page.getByRole('grid', { name: 'captures' }).getByRole('row').nth(1)).toContainText('verified')
  await open(page, '/settings')
  await page.getByRole('button', { name: 'Actions for Acme' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete the scheme' }).click()
  await expect(page.getByText('The endpoint Acme in verifies with this scheme')).toBeVisible()
})
