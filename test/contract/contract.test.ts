import { describe, expect, it } from 'vitest'
import { contract, type OperationName } from '../../src-shared/api/contract.ts'
import { answersContent, pathParameters, type Operation } from '../../src-shared/api/operation.ts'
import type { DestinationId, WorkspaceId } from '../../src-shared/model/ids.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import { reach, transports, type ReachedHost } from './transports.ts'

const operations = Object.entries(contract) as [OperationName, Operation][]
const nobody = '01890000-0000-7000-8000-000000000000'

async function firstWorkspace({ call }: ReachedHost): Promise<WorkspaceId> {
  const [workspace] = (await call('workspaces.list', {})).items
  if (workspace === undefined) throw new Error('the first start makes a workspace')
  return workspace.id
}

describe.each(transports)('the contract over %s', (kind) => {
  it('answers what the output schema says, from the first event to its capture', async () => {
    const host = await reach(kind)
    const { call } = host
    const workspaceId = await firstWorkspace(host)
    const raised = await call('events.raise', { workspace_id: workspaceId, type: 'contact.created' })
    const [delivery] = raised.deliveries
    await host.test.until(delivery?.id ?? '', 'succeeded')
    const [capture] = (await call('captures.list', {})).items
    const inputs: readonly [OperationName, object][] = [
      ['health.get', {}],
      ['providers.list', {}],
      ['providers.sample', { id: 'leadpush', type: 'contact.created' }],
      ['providers.snippet', { id: 'leadpush', language: 'go' }],
      ['settings.get', {}],
      ['storage.get', {}],
      ['workspaces.list', {}],
      ['statistics.get', {}],
      ['contacts.list', { workspace: workspaceId, q: 'ada' }],
      ['destinations.list', {}],
      ['subscriptions.list', {}],
      ['endpoints.list', {}],
      ['schemes.list', {}],
      ['events.preview', { workspace_id: workspaceId, type: 'contact.updated' }],
      ['events.list', {}],
      ['events.get', { id: raised.event.id }],
      ['deliveries.list', { status: ['succeeded', 'failed'], limit: 10 }],
      ['deliveries.get', { id: delivery?.id }],
      ['deliveries.body', { id: delivery?.id, range: 'bytes=0-9' }],
      ['captures.list', { verdict: ['verified'], q: 'contact' }],
      ['captures.get', { id: capture?.id }],
      ['captures.body', { id: capture?.id }],
      ['captures.diagnosis', { id: capture?.id }],
      ['metrics.get', {}],
    ]
    for (const [name, input] of inputs) {
      const answer = await host.transport(name, input)
      const checked = contract[name].output.safeParse(answer)
      expect(checked.error?.issues, name).toBeUndefined()
    }
  })

  it('creates, changes, shows and deletes everything that can be set up', async () => {
    const { call } = await reach(kind)
    const workspace = await call('workspaces.create', { name: 'Hub', provider: 'leadpush' })
    const destination = await call('destinations.create', {
      workspace_id: workspace.id,
      name: 'crm',
      url_template: 'http://127.0.0.1:9/',
    })
    expect(destination.secret).toMatch(/\S{16,}/)
    expect(await call('destinations.get', { id: destination.id })).not.toHaveProperty('secret')
    const subscription = await call('subscriptions.create', {
      destination_id: destination.id,
      event_types: ['contact.created'],
    })
    const endpoint = await call('endpoints.create', { name: 'In', destination_id: destination.id })
    const { contact } = await call('contacts.create', {
      workspace_id: workspace.id,
      attributes: { email: 'a@example.com' },
    })
    expect(await call('workspaces.change', { id: workspace.id, name: 'Hub 2' })).toMatchObject({
      name: 'Hub 2',
    })
    expect(await call('destinations.change', { id: destination.id, enabled: false })).toMatchObject({
      status: 'disabled',
    })
    expect(await call('subscriptions.change', { id: subscription.id, enabled: false })).toMatchObject({
      enabled: false,
    })
    expect(await call('endpoints.change', { id: endpoint.id, name: 'In 2' })).toMatchObject({ name: 'In 2' })
    expect(
      await call('contacts.change', { id: contact._id, workspace_id: workspace.id, subscribed: false }),
    ).toMatchObject({ contact: { subscribed: false } })
    expect(await call('settings.change', { notify_after_failures: 7 })).toMatchObject({
      notify_after_failures: 7,
    })
    await call('contacts.delete', { id: contact._id, workspace: workspace.id })
    await call('endpoints.delete', { id: endpoint.id })
    await call('subscriptions.delete', { id: subscription.id })
    await call('destinations.delete', { id: destination.id })
    await call('workspaces.delete', { id: workspace.id })
    await expect(call('workspaces.get', { id: workspace.id })).rejects.toMatchObject({
      code: 'workspace_not_found',
      status: 404,
    })
  })

  it('tells every operation’s missing thing by its code, and changes nothing', async () => {
    const { transport } = await reach(kind)
    for (const [name, entry] of operations) {
      const [parameter, ...more] = pathParameters(entry.path)
      if (parameter !== 'id' || more.length > 0) continue
      const input = { id: nobody, ...(name === 'schemes.change' ? { name: 'x' } : {}), ...neededBy(name) }
      await expect(transport(name, input), name).rejects.toMatchObject({ status: 404 })
    }
  })

  it('refuses unknown fields and wrong types, naming the field in plain words', async () => {
    const host = await reach(kind)
    const workspaceId = await firstWorkspace(host)
    const wrong: readonly [OperationName, object, string][] = [
      ['workspaces.create', { name: '', provider: 'leadpush' }, 'name: must not be empty'],
      ['workspaces.create', { provider: 'leadpush' }, 'name: is missing'],
      ['workspaces.create', { name: 'x', provider: 'leadpush', colour: 'red' }, 'colour: is not known here'],
      ['deliveries.list', { limit: 501 }, 'limit: must be at most 500'],
      [
        'deliveries.list',
        { status: ['lost'] },
        'must be one of pending, processing, retrying, succeeded, failed',
      ],
      ['deliveries.list', { since: 'yesterday' }, 'since: must be a time in UTC, like 2026-04-22T18:30:00Z'],
      ['events.raise', { workspace_id: workspaceId, type: 7 }, 'type: must be text'],
    ]
    for (const [name, input, sentence] of wrong) {
      await expect(host.transport(name, input), sentence).rejects.toMatchObject({
        code: 'invalid_input',
        status: 400,
        message: expect.stringContaining(sentence) as string,
      })
    }
    expect((await host.call('workspaces.list', {})).items).toHaveLength(1)
  })

  it('answers a repeated request under one idempotency key with the first one’s result', async () => {
    await using receiver = await startTestReceiver()
    const host = await reach(kind)
    const workspace_id = await firstWorkspace(host)
    const { items } = await host.call('destinations.list', {})
    await host.call('destinations.change', { id: items[0]?.id as DestinationId, url_template: receiver.url })
    const request = { workspace_id, type: 'contact.created', idempotency_key: 'order-1' }
    const both = await Promise.all([host.call('events.raise', request), host.call('events.raise', request)])
    expect(both[1]).toEqual(both[0])
    expect(await host.call('events.raise', request)).toEqual(both[0])
    await expect(host.call('events.raise', { ...request, type: 'contact.deleted' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
      status: 409,
    })
    expect((await host.call('events.list', {})).items).toHaveLength(1)
    await receiver.received(1)
    const another = await host.call('events.raise', { ...request, idempotency_key: 'order-2' })
    expect(another.event.id).not.toBe(both[0].event.id)
  })

  it('knows no other operation', async () => {
    const { transport } = await reach(kind)
    await expect(transport('constructor' as OperationName, {})).rejects.toMatchObject({ status: 404 })
  })
})

/** Fields without which the input isn't valid, so that the missing thing is what is wrong. */
function neededBy(name: OperationName): object {
  if (name === 'workspaces.change') return { name: 'x' }
  if (name === 'providers.sample') return { type: 'x' }
  if (name === 'providers.snippet') return { language: 'node' }
  return {}
}

it('a repeated request is known after a crash too', async () => {
  const host = await reach('in process')
  const workspace_id = await firstWorkspace(host)
  const request = { workspace_id, type: 'contact.created', idempotency_key: 'k' }
  const first = await host.call('events.raise', request)
  const revived = await host.test.afterPowerCut({ api: undefined, capture: undefined } as never)
  expect(await revived.call('events.raise', request)).toEqual(first)
})

it('every operation has a summary, its own path, and answers JSON or a document', () => {
  const paths = operations.map(([, entry]) => `${entry.method} ${entry.path.replace(/:[a-z_]+/g, ':')}`)
  expect(new Set(paths).size).toBe(paths.length)
  for (const [name, entry] of operations) {
    expect(entry.summary.length, name).toBeGreaterThan(5)
    expect(answersContent(entry) || 'shape' in entry.output || 'def' in entry.output, name).toBe(true)
  }
})
