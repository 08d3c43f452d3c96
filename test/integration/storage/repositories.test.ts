import { describe, expect, it } from 'vitest'
import type {
  CaptureFilter,
  Change,
  DeliveryFilter,
  Page,
  PageQuery,
} from '../../../src-main/engine/store.ts'
import type { CaptureWithBody } from '../../../src-shared/model/capture.ts'
import type { OpenStore } from '../../../src-main/storage/store.ts'
import { defaultSettings } from '../../../src-shared/model/settings.ts'
import type { CaptureId, DestinationId, EndpointId } from '../../../src-shared/model/ids.ts'
import {
  accepted,
  attempt,
  bytesOf,
  capture,
  captureId,
  contact,
  delivery,
  deliveryId,
  destinationId,
  endpointId,
  event,
  eventId,
  retrying,
  succeeded,
  workspace,
  workspaceId,
} from './records.ts'
import { open, reopen, temporaryFolder } from './stores.ts'

const numbers = (ids: readonly string[]): number[] => ids.map((id) => Number(id.slice(-12)))
const all: PageQuery = { cursor: null, limit: 100 }

async function deliveriesOf(store: OpenStore, filter: DeliveryFilter): Promise<number[]> {
  return numbers((await store.deliveries(filter, all)).items.map(({ id }) => id))
}

async function capturesOf(store: OpenStore, filter: CaptureFilter): Promise<number[]> {
  return numbers((await store.captures(filter, all)).items.map(({ id }) => id))
}

/** Every page of a list, with `between` done after each. */
async function pages<T extends { readonly id: string }>(
  read: (page: PageQuery) => Promise<Page<T>>,
  between: (round: number) => Promise<void>,
): Promise<number[][]> {
  const found: number[][] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = await read({ cursor, limit: 3 })
    found.push(numbers(page.items.map(({ id }) => id)))
    cursor = page.nextCursor
    await between(found.length)
  } while (cursor !== null)
  return found
}

describe('deliveries', () => {
  it('come back as they went in, in every state', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    const failed = {
      ...delivery(4, { lastFailure: { code: 'refused', message: 'no' }, attemptCount: 3, policyAttempts: 2 }),
      status: 'failed' as const,
      reason: { code: 'refused', message: 'žádné spojení' },
    }
    const some = [
      delivery(1, { source: { captureId: captureId(9) }, origin: 'replay' }),
      retrying(2, 1_700_000_099_000),
      succeeded(3, { responseStatus: 204 }),
      failed,
    ]
    await store.commit(some.map((one): Change => ({ kind: 'delivery.insert', delivery: one })))
    for (let start = 0; start < 2; start += 1) {
      for (const one of some) expect(await store.delivery(one.id)).toEqual(one)
      store = await reopen(store, folder)
    }
    await store.commit([{ kind: 'delivery.update', delivery: retrying(1, 5) }])
    expect(await store.delivery(deliveryId(1))).toMatchObject({ status: 'retrying', nextAttemptAt: 5 })
    await store.commit([{ kind: 'delivery.claim', id: deliveryId(1) }])
    expect(await store.delivery(deliveryId(1))).toMatchObject({ status: 'processing' })
    expect(await store.delivery(deliveryId(99))).toBeUndefined()
  })

  it('are found by every filter, and by several at once', async () => {
    const store = await open(await temporaryFolder())
    const other = workspace(77).id
    await store.commit(
      [
        delivery(1),
        retrying(2, 1),
        succeeded(3, { workspaceId: other, origin: 'test' }),
        delivery(4, {
          destinationId: workspace(78).id as string as DestinationId,
          eventType: 'contact.deleted',
        }),
        succeeded(5, { eventId: eventId(1) }),
      ].map((one): Change => ({ kind: 'delivery.insert', delivery: one })),
    )
    expect(await deliveriesOf(store, {})).toEqual([5, 4, 3, 2, 1])
    expect(await deliveriesOf(store, { workspaceId: other })).toEqual([3])
    expect(await deliveriesOf(store, { destinationId })).toEqual([5, 3, 2, 1])
    expect(await deliveriesOf(store, { eventId: eventId(1) })).toEqual([5, 1])
    expect(await deliveriesOf(store, { eventType: 'contact.deleted' })).toEqual([4])
    expect(await deliveriesOf(store, { status: ['pending', 'retrying'] })).toEqual([4, 2, 1])
    expect(await deliveriesOf(store, { status: [] })).toEqual([])
    expect(await deliveriesOf(store, { origin: 'test' })).toEqual([3])
    expect(await deliveriesOf(store, { since: 1_700_000_000_003 })).toEqual([5, 4, 3])
    expect(await deliveriesOf(store, { until: 1_700_000_000_003 })).toEqual([2, 1])
    expect(
      await deliveriesOf(store, { destinationId, status: ['succeeded'], since: 1_700_000_000_004 }),
    ).toEqual([5])
  })

  it('are paged newest first, and rows that arrive meanwhile do not shift the pages', async () => {
    const store = await open(await temporaryFolder())
    for (let n = 1; n <= 8; n += 1) await store.commit(accepted(n))
    const found = await pages(
      (page) => store.deliveries({ workspaceId }, page),
      (round) => store.commit(accepted(100 + round)),
    )
    expect(found).toEqual([
      [8, 7, 6],
      [5, 4, 3],
      [2, 1],
    ])
  })

  it('that have not ended wait, oldest first, with the moment they are due', async () => {
    const store = await open(await temporaryFolder())
    await store.commit(
      [retrying(3, 1_800_000_000_000), succeeded(2), delivery(1), delivery(4)].map((one): Change => ({
        kind: 'delivery.insert',
        delivery: one,
      })),
    )
    await store.commit([{ kind: 'delivery.claim', id: deliveryId(4) }])
    expect(await store.waitingDeliveries()).toEqual([
      { id: deliveryId(1), destinationId, replayId: null, status: 'pending', dueAt: 1_700_000_000_001 },
      { id: deliveryId(3), destinationId, replayId: null, status: 'retrying', dueAt: 1_800_000_000_000 },
      { id: deliveryId(4), destinationId, replayId: null, status: 'processing', dueAt: 1_700_000_000_004 },
    ])
  })

  it('take their event with them when the last one goes', async () => {
    const store = await open(await temporaryFolder())
    await store.commit([
      ...accepted(1),
      { kind: 'delivery.insert', delivery: delivery(2, { eventId: eventId(1) }) },
    ])
    await store.commit([{ kind: 'delivery.delete', id: deliveryId(1) }])
    expect(await store.event(eventId(1))).toBeDefined()
    await store.commit([{ kind: 'delivery.delete', id: deliveryId(2) }])
    expect(await store.event(eventId(1))).toBeUndefined()
    expect(await store.use()).toMatchObject({ deliveries: 0, events: 0 })
    await store.commit([{ kind: 'delivery.delete', id: deliveryId(2) }])
  })

  it('keep their attempts byte for byte, small and large', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    const attempts = [
      attempt(1, 'payload', new Uint8Array()),
      attempt(2, null, bytesOf(2, 100)),
      attempt(3, new Uint8Array(), bytesOf(3, 64 * 1024)),
      attempt(4, bytesOf(4, 5000), bytesOf(5, 2049)),
      {
        ...attempt(5, bytesOf(6, 10), new Uint8Array()),
        response: null,
        error: { code: 'reset', message: 'x' },
      },
    ]
    await store.commit(accepted(1))
    await store.commit(
      attempts
        .toReversed()
        .map((one): Change => ({ kind: 'attempt.insert', deliveryId: deliveryId(1), attempt: one })),
    )
    for (let start = 0; start < 2; start += 1) {
      const found = await store.attempts(deliveryId(1))
      expect(found.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
      for (const [index, one] of attempts.entries()) {
        const { requestBody, response, ...rest } = one
        expect(found[index]).toMatchObject(rest)
        expect(plain(found[index]?.requestBody)).toEqual(plain(requestBody))
        expect(plain(found[index]?.response?.excerpt)).toEqual(plain(response?.excerpt))
        expect(found[index]?.response?.headers).toEqual(response?.headers)
      }
      store = await reopen(store, folder)
    }
  })
})

function plain(value: Uint8Array | 'payload' | null | undefined): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

describe('events', () => {
  it('are listed newest first by arrival, filtered, and paged without shifting', async () => {
    const store = await open(await temporaryFolder())
    for (const n of [5, 3, 9, 1, 7]) await store.commit([{ kind: 'event.insert', event: event(n) }])
    await store.commit([{ kind: 'event.insert', event: event(2, bytesOf(2, 4000), 'contact.deleted') }])
    const found = await pages(
      (page) => store.events({}, page),
      (round) => store.commit([{ kind: 'event.insert', event: event(100 + round) }]),
    )
    expect(found).toEqual([
      [2, 7, 1],
      [9, 3, 5],
    ])
    const { items } = await store.events({ type: 'contact.deleted' }, all)
    expect(items).toHaveLength(1)
    expect(plain(items[0]?.payload)).toBe(plain(bytesOf(2, 4000)))
    expect((await store.events({ workspaceId: workspace(5).id }, all)).items).toEqual([])
  })
})

describe('captures', () => {
  it('come back byte for byte, without their body in lists', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    const some = [
      capture(1, new Uint8Array()),
      capture(
        2,
        Uint8Array.from({ length: 256 }, (_, index) => index),
      ),
      capture(3, bytesOf(3, 100_000), {
        malformed: { reason: 'bad chunk' },
        duplicateOf: captureId(1),
        aborted: true,
      }),
    ]
    await store.commit(some.map((one): Change => ({ kind: 'capture.insert', capture: one })))
    for (let start = 0; start < 2; start += 1) {
      for (const one of some) {
        const found = await store.capture(one.id)
        const { body, ...rest } = one
        expect(found).toMatchObject(rest)
        expect(plain(found?.body)).toBe(plain(body))
      }
      const { items } = await store.captures({}, all)
      expect(numbers(items.map(({ id }) => id))).toEqual([3, 2, 1])
      expect(items.every((item) => !('body' in item))).toBe(true)
      store = await reopen(store, folder)
    }
  })

  it('are found by every filter', async () => {
    const store = await open(await temporaryFolder())
    const other = workspace(88).id as string as EndpointId
    await store.commit(
      [
        capture(1, bytesOf(1, 5), { deliveryId: 'd-1' }),
        capture(2, bytesOf(2, 5), { deliveryId: 'd-1', method: 'PUT', pinned: true }),
        capture(3, bytesOf(3, 5), { endpointId: other, deliveryId: 'd-1', eventType: null }),
        capture(4, bytesOf(4, 5), {
          verdict: { status: 'rejected', cause: 'unknown', message: '', secretName: null },
        }),
      ].map((one): Change => ({ kind: 'capture.insert', capture: one })),
    )
    expect(await capturesOf(store, { endpointId })).toEqual([4, 2, 1])
    expect(await capturesOf(store, { method: 'PUT' })).toEqual([2])
    expect(await capturesOf(store, { eventType: 'contact.created' })).toEqual([4, 2, 1])
    expect(await capturesOf(store, { deliveryId: 'd-1' })).toEqual([3, 2, 1])
    expect(await capturesOf(store, { verdict: ['rejected', 'verified'] })).toEqual([4])
    expect(await capturesOf(store, { pinned: true })).toEqual([2])
    expect(await capturesOf(store, { pinned: false, endpointId })).toEqual([4, 1])
    expect(await capturesOf(store, { since: 1_700_000_000_002, until: 1_700_000_000_004 })).toEqual([3, 2])
    expect(numbers(await store.capturesOfDelivery(endpointId, 'd-1'))).toEqual([1, 2])
    expect(await store.count('captures')).toBe(4)
    expect(await store.count('captures', other)).toBe(1)
  })

  it('are linked to the first one of their endpoint and delivery id, in any order and after a restart', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    const other = workspace(88).id as string as EndpointId
    const keep = async (n: number, deliveryId: string | null, of = endpointId): Promise<number | null> => {
      const body = bytesOf(n, n % 2 === 0 ? 10 : 5000)
      const kept = await store.keepCapture({ endpointId: of, deliveryId, body }, (first) =>
        capture(n, body, { endpointId: of, deliveryId, duplicateOf: first }),
      )
      return kept.duplicateOf === null ? null : (numbers([kept.duplicateOf])[0] ?? null)
    }
    // At once: the second is linked before the first is on disk.
    expect(await Promise.all([keep(2, 'd-1'), keep(4, 'd-1'), keep(6, 'd-1', other)])).toEqual([
      null,
      2,
      null,
    ])
    // Large bodies go to files first: whichever is there earlier is the first.
    const large = await Promise.all([keep(1, 'd-3'), keep(3, 'd-3')])
    expect([
      [null, 1],
      [3, null],
    ]).toContainEqual(large)
    store = await reopen(store, folder)
    expect(await keep(8, 'd-1')).toBe(2)
    expect(await keep(9, 'd-3')).toBe(1)
    expect(await keep(10, 'd-1', other)).toBe(6)
    expect(await keep(12, 'd-2', other)).toBeNull()
    expect(await keep(14, null)).toBeNull()
    await store.commit([{ kind: 'capture.delete', id: captureId(2) }])
    expect(await keep(16, 'd-1')).toBe(4)
    expect((await store.capture(captureId(9)))?.body).toHaveLength(5000)
  })

  it('are linked to one that was removed and has been brought back', async () => {
    const store = await open(await temporaryFolder())
    const keep = (n: number, deliveryId: string) => {
      const body = bytesOf(n, 5)
      return store.keepCapture({ endpointId, deliveryId, body }, (duplicateOf) =>
        capture(n, body, { deliveryId, duplicateOf }),
      )
    }
    await store.commit([
      { kind: 'capture.insert', capture: capture(1, bytesOf(1, 5), { deliveryId: 'd-1' }) },
    ])
    const removal = { token: 'token', of: 'captures', expiresAt: 1 } as const
    await store.commit([
      { kind: 'removal.put', removal },
      { kind: 'removal.row', removal, id: captureId(1) },
    ])
    expect((await keep(2, 'd-2')).duplicateOf).toBeNull()
    expect(await store.removedRows(removal)).toBe(1)
    await store.commit([{ kind: 'removal.restore', removal }])
    expect(await store.removedRows(removal)).toBe(0)
    expect((await keep(3, 'd-1')).duplicateOf).toBe(captureId(1))
  })

  it('are linked also while thousands of earlier ones are still being looked through', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    const many = Array.from({ length: 3000 }, (_, n) =>
      capture(n + 1, bytesOf(n, 5), { deliveryId: `d-${n}` }),
    )
    await store.commit(many.map((one): Change => ({ kind: 'capture.insert', capture: one })))
    store = await reopen(store, folder)
    const firstOf = async (n: number, deliveryId: string): Promise<unknown> => {
      const body = bytesOf(n, 5)
      const make = (duplicateOf: CaptureId | null): CaptureWithBody =>
        capture(n, body, { deliveryId, duplicateOf })
      return (await store.keepCapture({ endpointId, deliveryId, body }, make)).duplicateOf
    }
    for (let n = 0; n < 40; n += 1) {
      const known = n * 75
      expect(await firstOf(5000 + n, `d-${known}`)).toBe(captureId(known + 1))
      expect(await firstOf(6000 + n, `new-${n}`)).toBeNull()
      expect(await firstOf(7000 + n, `new-${n}`)).toBe(captureId(6000 + n))
    }
  })

  it('take a new verdict and new marks, in lists and filters too', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit([{ kind: 'capture.insert', capture: capture(1, bytesOf(1, 9000)) }])
    const verdict = { status: 'verified', cause: 'none', message: 'fine', secretName: 'main' } as const
    await store.commit([
      { kind: 'capture.verdict', id: captureId(1), verdict },
      { kind: 'capture.marks', id: captureId(1), marks: { pinned: true, tags: ['bug'], note: 'see ticket' } },
    ])
    const again = await reopen(store, folder)
    expect(await again.capture(captureId(1))).toMatchObject({
      verdict,
      pinned: true,
      tags: ['bug'],
      note: 'see ticket',
    })
    expect((await again.capture(captureId(1)))?.body).toHaveLength(9000)
    expect(await capturesOf(again, { verdict: ['verified'], pinned: true })).toEqual([1])
  })

  it('are paged newest first without shifting', async () => {
    const store = await open(await temporaryFolder())
    for (let n = 1; n <= 6; n += 1)
      await store.commit([{ kind: 'capture.insert', capture: capture(n, bytesOf(n, 5)) }])
    const found = await pages(
      (page) => store.captures({ endpointId }, page),
      (round) => store.commit([{ kind: 'capture.insert', capture: capture(100 + round, bytesOf(1, 5)) }]),
    )
    expect(found).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ])
  })
})

describe('the oldest', () => {
  it('deliveries are those that have ended; captures those that are not pinned', async () => {
    const store = await open(await temporaryFolder())
    await store.commit([
      ...[delivery(1), succeeded(2), retrying(3, 1), succeeded(4), succeeded(5)].map((one): Change => ({
        kind: 'delivery.insert',
        delivery: one,
      })),
      { kind: 'capture.insert', capture: capture(1, bytesOf(1, 5), { pinned: true }) },
      { kind: 'capture.insert', capture: capture(2, bytesOf(1, 5)) },
      {
        kind: 'capture.insert',
        capture: capture(3, bytesOf(1, 5), { endpointId: workspace(9).id as string as EndpointId }),
      },
      { kind: 'capture.insert', capture: capture(4, bytesOf(1, 5)) },
    ])
    expect(numbers(await store.oldest('deliveries', 2, {}))).toEqual([2, 4])
    expect(numbers(await store.oldest('deliveries', 9, { before: 1_700_000_000_005 }))).toEqual([2, 4])
    expect(numbers(await store.oldest('captures', 9, {}))).toEqual([2, 3, 4])
    expect(numbers(await store.oldest('captures', 9, { endpointId }))).toEqual([2, 4])
    expect(numbers(await store.oldest('captures', 9, { endpointId, before: 1_700_000_000_004 }))).toEqual([2])
  })
})

describe('configuration', () => {
  it('is at hand at once, and after a restart', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    expect(store.settings()).toEqual(defaultSettings)
    expect(store.destinationHealth(destinationId)).toEqual({ failures_in_row: 0, paused: null })
    const health = { failures_in_row: 3, paused: { reason: '410', at: '2024-01-01T00:00:00.000Z' } }
    const done = store.commit([
      { kind: 'workspace.put', workspace: workspace(1) },
      { kind: 'workspace.put', workspace: { ...workspace(2), name: 'Přejmenováno' } },
      { kind: 'workspace.put', workspace: workspace(3) },
      { kind: 'workspace.delete', id: workspace(3).id },
      { kind: 'settings.put', settings: { ...defaultSettings, concurrency: 7 } },
      { kind: 'destination.health', id: destinationId, health },
    ])
    expect(store.workspaces.list()).toHaveLength(2)
    await done
    for (let start = 0; start < 2; start += 1) {
      expect(store.workspaces.list().map(({ name }) => name)).toEqual(['workspace 1', 'Přejmenováno'])
      expect(store.workspaces.get(workspace(3).id)).toBeUndefined()
      expect(store.settings().concurrency).toBe(7)
      expect(store.destinationHealth(destinationId)).toEqual(health)
      store = await reopen(store, folder)
    }
    await store.commit([{ kind: 'destination.delete', id: destinationId }])
    expect(store.destinationHealth(destinationId).paused).toBeNull()
  })

  it('loses the contacts of a workspace with it', async () => {
    const store = await open(await temporaryFolder())
    const other = workspace(5).id
    await store.commit([
      ...['b', 'a', 'c'].map((id): Change => ({ kind: 'contact.put', contact: contact(id) })),
      { kind: 'contact.put', contact: { ...contact('d'), workspace_uuid: other } },
    ])
    const first = await store.contacts({ workspaceId }, { cursor: null, limit: 2 })
    expect(first.items.map(({ _id }) => _id)).toEqual(['a', 'b'])
    const rest = await store.contacts({ workspaceId }, { cursor: first.nextCursor, limit: 2 })
    expect(rest).toMatchObject({ items: [{ _id: 'c' }], nextCursor: null })
    expect(await store.contact(workspaceId, contact('a')._id)).toEqual(contact('a'))
    await store.commit([{ kind: 'contact.delete', workspaceId, id: contact('a')._id }])
    expect(await store.contact(workspaceId, contact('a')._id)).toBeUndefined()
    await store.commit([{ kind: 'workspace.delete', id: workspaceId }])
    expect((await store.contacts({ workspaceId }, all)).items).toEqual([])
    expect((await store.contacts({ workspaceId: other }, all)).items).toHaveLength(1)
  })
})
