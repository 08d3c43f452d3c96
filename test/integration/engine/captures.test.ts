import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { IncomingRequest } from '../../../src-main/engine/capture/capturing.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock, fakeStart } from '../../support/fake-clock.ts'
import { incoming, leadpushHeaders } from '../../support/incoming.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'

const receive = (test: TestHost, request: IncomingRequest) => test.host.engine.capturing.receive(request)
const captures = async (test: TestHost, filter: { endpoint?: never } = {}) =>
  (await test.call('captures.list', filter)).items
const endpointNamed = async (test: TestHost, slug: string) => {
  const { items } = await test.call('endpoints.list', {})
  const endpoint = items.find((candidate) => candidate.slug === slug)
  if (endpoint === undefined) throw new Error(`there is no ${slug}`)
  return endpoint
}

describe('a fresh data folder', () => {
  it('holds a leadpush workspace that is ready to try', async () => {
    const test = await startTestHost({ clock: createFakeClock(), capture: { host: '127.0.0.1', port: 0 } })
    const workspaces = (await test.call('workspaces.list', {})).items
    expect(workspaces).toMatchObject([{ provider: 'leadpush' }])
    const [workspace] = workspaces
    const destinations = (await test.call('destinations.list', {})).items
    expect(destinations).toMatchObject([
      {
        workspace_id: workspace?.id,
        url_template: '{{ receiver.url }}/in/sample',
        status: 'active',
        secret_set: true,
      },
    ])
    expect((await test.call('subscriptions.list', {})).items).toMatchObject([
      {
        destination_id: destinations[0]?.id,
        enabled: true,
        event_types: [
          'contact.created',
          'contact.updated',
          'contact.deleted',
          'contact.subscribed',
          'contact.unsubscribed',
        ],
      },
    ])
    expect((await test.call('contacts.list', { workspace: workspace!.id })).items).toHaveLength(3)
    const endpoints = (await test.call('endpoints.list', {})).items
    expect(Object.fromEntries(endpoints.map(({ slug, destination_id: id }) => [slug, id]))).toEqual({
      inbox: null,
      sample: destinations[0]?.id,
    })
    expect((await endpointNamed(test, 'sample')).url).toBe(`${test.host.receiver.url}/in/sample`)
  })

  it('delivers a change of a contact to its own receiver, verified', async () => {
    const test = await startTestHost({ capture: { host: '127.0.0.1', port: 0 } })
    const { deliveries } = await test.call('contacts.change', {
      id: 'contact_1',
      attributes: { company: 'New' },
    })
    await test.until(deliveries[0]?.id ?? '', 'succeeded')
    const [capture] = await captures(test)
    expect(capture).toMatchObject({
      endpoint_id: (await endpointNamed(test, 'sample')).id,
      event_type: 'contact.updated',
      delivery_id: deliveries[0]?.id,
      verdict: { status: 'verified', secret_name: 'current' },
      answered: { status: 200 },
    })
  })

  it('is filled once: what was deleted stays deleted', async () => {
    const test = await startTestHost()
    const [workspace] = (await test.call('workspaces.list', {})).items
    await test.call('workspaces.delete', { id: workspace!.id })
    const again = await test.restart()
    expect((await again.call('workspaces.list', {})).items).toEqual([])
    expect((await again.call('endpoints.list', {})).items.map(({ slug }) => slug).toSorted()).toEqual([
      'inbox',
      'sample',
    ])
  })
})

describe('a capture', () => {
  it('goes to the endpoint of its path, and to the inbox where there is none', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    await receive(test, incoming('sample', []))
    await receive(test, incoming('nobody', []))
    await receive(test, incoming(null, []))
    const inbox = (await endpointNamed(test, 'inbox')).id
    const sample = (await endpointNamed(test, 'sample')).id
    expect((await captures(test)).map((c) => c.endpoint_id)).toEqual([inbox, inbox, sample])
  })

  it('is answered with the fixed answer of its endpoint, once it is on disk', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    const { id } = await endpointNamed(test, 'sample')
    const answer = { status: 418, headers: [['X-A', 'b'] as [string, string]], body: 'short and stout' }
    await test.call('endpoints.change', { id, answer })
    expect(await receive(test, incoming('sample', []))).toEqual(answer)
    expect(await captures(test)).toMatchObject([{ answered: { status: 418 } }])
    expect(await captures(await test.afterPowerCut())).toHaveLength(1)
  })

  it.each([
    ['verified', 's1', {}, 'none'],
    ['rejected', 'another', {}, 'unknown'],
    ['rejected', 's1', { receivedAtMs: fakeStart + 301_000 }, 'timestamp-stale'],
    ['unchecked', 's1', { truncated: true }, 'unknown'],
    ['unchecked', 's1', { aborted: true }, 'unknown'],
    ['unsigned', 's1', { malformed: { reason: 'no request line' } }, 'none'],
  ] as const)('is %s (secret %s, %j)', async (status, secret, changes, cause) => {
    const test = await startTestHost({ clock: createFakeClock() })
    await test.call('endpoints.create', {
      name: 'Mine',
      slug: 'mine',
      provider: 'leadpush',
      secrets: [{ value: 's1' }],
    })
    await receive(test, incoming('mine', leadpushHeaders(secret, 'd1'), '{}', changes))
    expect(await captures(test)).toMatchObject([{ verdict: { status, cause } }])
  })

  it('that repeats a delivery id is linked to the first, also when both come at once', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    const body = JSON.stringify({ filler: 'x'.repeat(5000) })
    const requests = [1, 2, 3].map(() => incoming('sample', leadpushHeaders('s', 'twice', body), body))
    await Promise.all(requests.map((request) => receive(test, request)))
    await receive(test, incoming('sample', leadpushHeaders('s', 'other')))
    await receive(test, incoming('inbox', leadpushHeaders('s', 'twice')))
    const [elsewhere, other, third, second, first] = await captures(test)
    expect([first?.duplicate_of, second?.duplicate_of, third?.duplicate_of]).toEqual([
      null,
      first?.id,
      first?.id,
    ])
    expect([other?.duplicate_of, elsewhere?.duplicate_of]).toEqual([null, null])
    const view = await test.call('captures.get', { id: second!.id })
    expect(view.same_delivery).toEqual([first?.id, third?.id])
  })

  it('that could not be checked is judged again when a secret is set', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    const endpoint = await test.call('endpoints.create', { name: 'Mine', slug: 'mine', provider: 'leadpush' })
    await receive(test, incoming('mine', leadpushHeaders('right', 'd1')))
    await receive(test, incoming('mine', leadpushHeaders('wrong', 'd2')))
    await receive(test, incoming('mine', [['X-Plain', '1']]))
    const verdicts = async () => (await captures(test)).map(({ verdict }) => verdict.status).toReversed()
    expect(await verdicts()).toEqual(['unchecked', 'unchecked', 'unsigned'])
    await test.call('endpoints.change', { id: endpoint.id, secrets: [{ value: 'right' }] })
    await test.untilHolds(() => test.events.filter((e) => e.kind === 'capture').length === 5)
    // Nothing was expected of the plain one when it came.
    expect(await verdicts()).toEqual(['verified', 'rejected', 'unsigned'])
    await receive(test, incoming('mine', [['X-Plain', '2']]))
    expect((await verdicts()).at(-1)).toBe('rejected')
  })

  it('is judged again when the destination that its endpoint follows gets a secret, or its own scheme changes', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    const { destinationId } = await setUp(test, 'leadhub', {
      url_template: 'http://127.0.0.1:9',
      secret: null,
    })
    await test.call('endpoints.create', { name: 'Follows', slug: 'follows', destination_id: destinationId })
    const signature = createHmac('sha256', 'later').update('{}').digest('hex')
    await receive(test, incoming('follows', [['X-LeadHub-Signature', `sha256=${signature}`]]))
    expect(await captures(test)).toMatchObject([{ verdict: { status: 'unchecked' } }])
    await test.call('destinations.change', { id: destinationId, secret: 'later' })
    await test.untilEvent((e) => e.kind === 'capture' && e.capture.verdict.status === 'verified')
  })

  it('verifies with a previous secret of its destination only while it is valid', async () => {
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { destinationId, secret } = await setUp(test, 'leadpush', { url_template: 'http://127.0.0.1:9' })
    await test.call('endpoints.create', { name: 'Follows', slug: 'follows', destination_id: destinationId })
    await test.call('destinations.rotate-secret', { id: destinationId, keep_previous_seconds: 60 })
    const request = incoming('follows', leadpushHeaders(secret, 'd1'))
    await receive(test, request)
    await receive(test, { ...request, receivedAtMs: fakeStart + 61_000 })
    expect((await captures(test)).map(({ verdict }) => [verdict.status, verdict.cause])).toEqual([
      ['rejected', 'previous-secret'],
      ['verified', 'none'],
    ])
  })

  it('stays verifiable when the destination that its endpoint follows is deleted', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    const { destinationId, secret } = await setUp(test, 'leadpush', { url_template: 'http://127.0.0.1:9' })
    await test.call('endpoints.create', { name: 'Follows', slug: 'follows', destination_id: destinationId })
    await test.call('destinations.delete', { id: destinationId })
    await receive(test, incoming('follows', leadpushHeaders(secret, 'd1')))
    expect(await captures(test)).toMatchObject([{ verdict: { status: 'verified', secret_name: 'Receiver' } }])
  })

  it('keeps its body to the byte, and shows a secret that travels in it only masked', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    await test.call('endpoints.create', {
      name: 'Classic',
      slug: 'classic',
      provider: 'breakcold-classic',
      secrets: [{ value: 'wh_known' }],
    })
    const shown = async (body: string, changes: Partial<IncomingRequest> = {}) => {
      await receive(test, incoming('classic', [], body, changes))
      const [newest] = await captures(test)
      const view = await test.call('captures.get', { id: newest!.id })
      expect(Buffer.from((await test.host.store.capture(newest!.id))?.body ?? []).toString()).toBe(body)
      return { text: Buffer.from(view.body_base64, 'base64').toString(), verdict: view.verdict.status }
    }
    expect(await shown('{"secret":"wh_known","event":"lead.create"}')).toEqual({
      text: '{"secret":"********","event":"lead.create"}',
      verdict: 'verified',
    })
    expect(await shown('{"secret":"some other","again":"some other"}')).toEqual({
      text: '{"secret":"**********","again":"**********"}',
      verdict: 'rejected',
    })
    // Cut off, it is no JSON any more.
    expect((await shown('{"secret":"wh_known","event', { truncated: true })).text).toBe(
      '{"secret":"********","event',
    )
  })

  it('says how much of a cut body is kept, however much of it is shown', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    const body = 'x'.repeat(100_000)
    await receive(test, incoming('inbox', [], body, { truncated: true, bodyBytes: 300_000 }))
    const [capture] = await captures(test)
    const view = await test.call('captures.get', { id: capture?.id as never })
    expect(view).toMatchObject({ truncated: true, body_bytes: 300_000, kept_bytes: 100_000 })
    expect(Buffer.from(view.body_base64, 'base64')).toHaveLength(65_536)
  })

  it('fault 42: is kept, unchecked, when the key of the secrets is lost', async () => {
    const test = await startTestHost({
      environment: { HOOKBENCH_KEY: Buffer.alloc(32, 1).toString('base64') },
    })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: 'http://127.0.0.1:9' })
    const again = await test.restart({
      environment: { HOOKBENCH_KEY: Buffer.alloc(32, 2).toString('base64') },
    })
    await receive(again, incoming('sample', leadpushHeaders('s', 'd1')))
    expect(await captures(again)).toMatchObject([{ verdict: { status: 'unchecked' } }])
    const id = await raiseOne(again, { workspace_id: workspaceId, type: 'contact.created' })
    await again.until(id, 'failed')
    expect(await again.call('deliveries.get', { id })).toMatchObject({
      error: { code: 'secrets_unavailable' },
      attempt_count: 0,
    })
  })

  it('can be pinned, tagged and annotated', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    await receive(test, incoming('sample', []))
    const [capture] = await captures(test)
    await test.call('captures.change', { id: capture!.id, pinned: true, tags: ['a'] })
    await test.call('captures.change', { id: capture!.id, note: 'look here' })
    expect(await captures(test)).toMatchObject([{ pinned: true, tags: ['a'], note: 'look here' }])
  })

  it('can be imported, whole or not at all, and comes back in the order given', async () => {
    const test = await startTestHost({ clock: createFakeClock() })
    const raw = (text: string) => ({ raw_base64: Buffer.from(text).toString('base64') })
    const first = raw('POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
    const second = raw('GET /two HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect(test.call('captures.import', { requests: [first, raw('nonsense')] })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(await captures(test)).toEqual([])
    const { items } = await test.call('captures.import', { requests: [first, second] })
    expect(items.map(({ target, remote_address: from }) => [target, from])).toEqual([
      ['/one', 'import'],
      ['/two', 'import'],
    ])
    expect(await captures(test)).toHaveLength(2)
    await expect(
      test.call('captures.import', { endpoint: 'nobody', requests: [first] }),
    ).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
