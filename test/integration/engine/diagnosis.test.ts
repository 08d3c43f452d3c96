import { expect, it } from 'vitest'
import type { IncomingRequest } from '../../../src-main/engine/capture/capturing.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { incoming, leadpushHeaders } from '../../support/incoming.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'

const secret = 'W8pKgaOeQ0iChpesQ0K9jQt2LDvG5dNo'

/** A host with an endpoint that knows the secret. */
async function start() {
  const clock = createFakeClock()
  const test = await startTestHost({ clock, dispatch: false })
  const endpoint = await test.call('endpoints.create', {
    name: 'Mine',
    slug: 'mine',
    provider: 'leadpush',
    secrets: [{ value: secret }],
  })
  return { test, clock, endpoint }
}

async function captured({ host, call }: TestHost, request: IncomingRequest) {
  await host.engine.capturing.receive(request)
  const [capture] = (await call('captures.list', {})).items
  if (capture === undefined) throw new Error('it was not kept')
  return capture
}

const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString()

it('a diagnosis shows the bytes that were signed beside those that arrived', async () => {
  const { test } = await start()
  const headers = leadpushHeaders(secret, 'd', '{"a":1}')
  const { id, verdict } = await captured(test, incoming('mine', headers, '{"a":1}\n'))
  expect(verdict).toMatchObject({ status: 'rejected', cause: 'body-trailing-newline' })
  const diagnosis = await test.call('captures.diagnosis', { id })
  expect(diagnosis).toMatchObject({ ok: false, ...verdict, difference: { offset: 7, from: 0 } })
  const { signed, arrived } = diagnosis.difference ?? {}
  expect([text(signed?.bytes_base64), signed?.total_bytes]).toEqual(['{"a":1}', 7])
  expect([text(arrived?.bytes_base64), arrived?.total_bytes]).toEqual(['{"a":1}\n', 8])
})

it('a diagnosis knows the secrets of other destinations by name, which verify nothing', async () => {
  const { test } = await start()
  const [workspace] = (await test.call('workspaces.list', {})).items
  await test.call('destinations.create', {
    workspace_id: workspace!.id,
    name: 'Staging CRM',
    url_template: 'http://127.0.0.1:9',
    secret: 'the secret of staging',
  })
  const { id, verdict } = await captured(
    test,
    incoming('mine', leadpushHeaders('the secret of staging', 'd')),
  )
  expect(verdict).toMatchObject({ status: 'rejected', cause: 'other-secret', secret_name: 'Staging CRM' })
  expect(await test.call('captures.diagnosis', { id })).toMatchObject({
    ok: false,
    status: 'rejected',
    cause: 'other-secret',
    secret_name: 'Staging CRM',
  })
})

it('a diagnosis goes by what is known now', async () => {
  const { test, endpoint } = await start()
  const { id } = await captured(test, incoming('mine', leadpushHeaders('the right one', 'd')))
  await test.call('endpoints.change', { id: endpoint.id, secrets: [{ value: 'the right one' }] })
  expect(await test.call('captures.diagnosis', { id })).toMatchObject({ ok: true, status: 'verified' })
})

it('a diagnosis says what there is to say where nothing was refused', async () => {
  const { test, endpoint } = await start()
  const diagnosisOf = async (request: IncomingRequest) =>
    test.call('captures.diagnosis', { id: (await captured(test, request)).id })
  expect(await diagnosisOf(incoming('mine', leadpushHeaders(secret, 'd')))).toMatchObject({
    ok: true,
    difference: null,
  })
  expect(await diagnosisOf(incoming(null, []))).toMatchObject({
    ok: false,
    status: 'unsigned',
    cause: 'none',
  })
  expect(await diagnosisOf(incoming(null, leadpushHeaders(secret, 'e')))).toMatchObject({
    status: 'unchecked',
  })
  const cut = { truncated: true }
  const { id } = await captured(test, incoming('mine', leadpushHeaders(secret, 'f'), '{}', cut))
  expect(await test.call('captures.diagnosis', { id })).toMatchObject({
    status: 'unchecked',
    cause: 'unknown',
  })
  await test.call('endpoints.delete', { id: endpoint.id })
  expect(await test.call('captures.diagnosis', { id })).toMatchObject({ ok: false })
})

it('a flood of wrong signatures leaves some unexplained, which are explained when somebody asks', async () => {
  const { test, clock } = await start()
  // Found late: nearly everything else is tried before.
  const late = (id: string) => incoming('mine', leadpushHeaders(Buffer.from(secret, 'base64'), id))
  for (let at = 0; at < 60; at += 1)
    await captured(test, incoming('mine', leadpushHeaders('nobody knows', `n${at}`)))
  const { id, verdict } = await captured(test, late('late'))
  expect(verdict).toMatchObject({ status: 'rejected', cause: 'unknown' })
  expect(verdict.message).toMatch(/^Not everything was tried/)
  expect(await test.call('captures.diagnosis', { id })).toMatchObject({ cause: 'secret-decoding' })
  await clock.advance(10_000)
  expect((await captured(test, late('later'))).verdict.cause).toBe('secret-decoding')
})
