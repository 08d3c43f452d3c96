import { describe, expect, it, onTestFinished } from 'vitest'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

/** A host with `count` ended deliveries to a receiver that answers `status`. */
async function withDeliveries(
  count: number,
  { status = 200, clock }: { status?: number; clock?: FakeClock } = {},
): Promise<{ host: TestHost; ids: DeliveryId[]; workspaceId: string }> {
  const receiver = await startTestReceiver()
  onTestFinished(() => receiver.close())
  receiver.reply(status)
  const host = await startTestHost({ clock })
  const { workspaceId } = await setUp(host, 'leadpush', {
    url_template: receiver.url,
    retry_policy: { delays_seconds: [], jitter: 0 },
  })
  const ids: DeliveryId[] = []
  for (let index = 0; index < count; index += 1) {
    const id = await raiseOne(host, { workspace_id: workspaceId, type: 'contact.created' })
    await host.until(id, status === 200 ? 'succeeded' : 'failed')
    ids.push(id)
  }
  return { host, ids, workspaceId }
}

const idsOf = async ({ call }: TestHost): Promise<string[]> =>
  (await call('deliveries.list', {})).items.map(({ id }) => id)

describe('removing from the history', () => {
  it('takes a delivery out of every list, and an undo brings it back as it was', async () => {
    const { host, ids } = await withDeliveries(2)
    const [first = '', second = ''] = ids
    const before = await host.call('deliveries.get', { id: first })
    const { removed, undo_token: token } = await host.call('deliveries.delete', { id: first })
    expect(removed).toBe(1)
    expect(await idsOf(host)).toEqual([second])
    await expect(host.call('deliveries.get', { id: first })).rejects.toMatchObject({
      code: 'delivery_not_found',
    })
    expect(await host.call('undo.run', { token })).toEqual({ restored: 1 })
    expect(await idsOf(host)).toEqual([second, first])
    expect(await host.call('deliveries.get', { id: first })).toEqual(before)
    await expect(host.call('undo.run', { token })).rejects.toMatchObject({ code: 'undo_expired' })
  })

  it('counts what an undo has brought back, and nothing that is made meanwhile', async () => {
    const { host, ids, workspaceId } = await withDeliveries(2)
    const { undo_token: token } = await host.call('deliveries.remove', { ids })
    const raise = () => host.call('events.raise', { workspace_id: workspaceId, type: 'contact.created' })
    const [undone] = await Promise.all([host.call('undo.run', { token }), raise(), raise(), raise()])
    expect(undone).toEqual({ restored: 2 })
    expect(await idsOf(host)).toHaveLength(5)
  })

  it('takes all that match a filter, and nothing else', async () => {
    const { host, ids } = await withDeliveries(5)
    const answer = await host.call('deliveries.remove', { ids: ids.slice(0, 3) })
    expect(answer).toMatchObject({ removed: 3, skipped: 0 })
    expect(await idsOf(host)).toEqual(ids.slice(3).toReversed())
    await host.call('undo.run', { token: answer.undo_token })
    expect(await idsOf(host)).toEqual(ids.toReversed())
  })

  it('refuses to empty the history by a forgotten filter', async () => {
    const { host, ids } = await withDeliveries(1)
    await expect(host.call('deliveries.remove', {})).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(host.call('captures.remove', {})).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await idsOf(host)).toEqual(ids)
    expect(await host.call('deliveries.remove', { all: true })).toMatchObject({ removed: 1 })
  })

  it('can be undone after a crash, and for a minute only', async () => {
    const clock = createFakeClock()
    const { host, ids } = await withDeliveries(3, { clock })
    const { undo_token: token } = await host.call('deliveries.remove', { all: true })
    const revived = await host.afterPowerCut({ clock })
    expect(await idsOf(revived)).toEqual([])
    expect(await revived.call('undo.run', { token })).toEqual({ restored: 3 })
    expect(await idsOf(revived)).toEqual(ids.toReversed())
    await clock.advance(61_000)
    await expect(host.call('undo.run', { token })).rejects.toMatchObject({ code: 'undo_expired' })
  })

  it('is for good after a minute, with attempts, events and bodies', async () => {
    const clock = createFakeClock()
    const { host } = await withDeliveries(3, { clock })
    await host.call('deliveries.remove', { all: true })
    expect((await host.call('events.list', {})).items).toHaveLength(3)
    await clock.advance(62_000)
    await clock.advance(1000)
    expect((await host.call('events.list', {})).items).toEqual([])
    expect(await host.host.store.removals()).toEqual([])
  })

  it('of a delivery that waits takes it out of the queue, and an undo sends it after all', async () => {
    const clock = createFakeClock()
    await using receiver = await startTestReceiver()
    const host = await startTestHost({ clock })
    const { workspaceId, destinationId } = await setUp(host, 'leadpush', { url_template: receiver.url })
    await host.call('destinations.change', { id: destinationId, concurrency: 1 })
    await host.call('destinations.change', {
      id: destinationId,
      rate_limit: { requests: 1, per_seconds: 10 },
    })
    const first = await raiseOne(host, { workspace_id: workspaceId, type: 'contact.created' })
    await host.until(first, 'succeeded')
    const waiting = await raiseOne(host, { workspace_id: workspaceId, type: 'contact.created' })
    const { undo_token: token } = await host.call('deliveries.remove', { ids: [waiting] })
    await clock.advance(20_000)
    expect(receiver.requests).toHaveLength(1)
    await host.call('undo.run', { token })
    await clock.advance(20_000)
    await host.until(waiting, 'succeeded')
    expect(receiver.requests).toHaveLength(2)
  })

  it('that goes on after a part of it was deleted for good still names the rest', async () => {
    const { host, ids } = await withDeliveries(2)
    const { store } = host.host
    const removal = { token: 'slow', of: 'deliveries', expiresAt: 1 } as const
    const [first, second] = ids
    if (first === undefined || second === undefined) throw new Error('two were made')
    await store.commit([
      { kind: 'removal.put', removal },
      { kind: 'removal.row', removal, id: first },
    ])
    await store.commit([{ kind: 'removal.purge', removal, limit: 10 }])
    expect(await store.removals()).toEqual([])
    await store.commit([
      { kind: 'removal.put', removal },
      { kind: 'removal.row', removal, id: second },
      { kind: 'removal.put', removal },
    ])
    expect(await store.removals()).toEqual([removal])
    await store.commit([{ kind: 'removal.restore', removal }])
    expect(await idsOf(host)).toEqual([second])
  })

  it('is told to listeners', async () => {
    const { host, ids } = await withDeliveries(1)
    const { undo_token: token } = await host.call('deliveries.remove', { all: true })
    await host.call('undo.run', { token })
    expect(host.events.filter(({ kind }) => kind === 'history')).toEqual([
      { kind: 'history', of: 'deliveries', change: 'removed', ids },
      { kind: 'history', of: 'deliveries', change: 'restored', ids: null },
    ])
  })
})

describe('retrying all that match', () => {
  it('sends the failed ones again and leaves the others alone', async () => {
    const { host, ids } = await withDeliveries(3, { status: 500 })
    const [kept = ''] = ids
    expect(await host.call('deliveries.retry-all', { ids: ids.slice(1) })).toEqual({
      retried: 2,
      skipped: 0,
      refused: [],
    })
    for (const id of ids.slice(1)) await host.until(id, 'failed')
    const attempts = await Promise.all(ids.map((id) => host.call('deliveries.get', { id })))
    expect(attempts.map(({ attempt_count: count }) => count)).toEqual([1, 2, 2])
    expect(host.statuses(kept).filter((status) => status === 'pending')).toHaveLength(1)
  })

  it('retries nothing when only others are asked for', async () => {
    const { host } = await withDeliveries(1, { status: 500 })
    expect(await host.call('deliveries.retry-all', { status: ['succeeded'] })).toEqual({
      retried: 0,
      skipped: 0,
      refused: [],
    })
  })
})
