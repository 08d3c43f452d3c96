import { describe, expect, it } from 'vitest'
import type { ReplayRequest } from '../../../src-main/engine/replay/replay-request.ts'
import type { Change } from '../../../src-main/engine/store.ts'
import type { ReplayId } from '../../../src-shared/model/ids.ts'
import type { Replay } from '../../../src-shared/model/replay.ts'
import {
  attempt,
  bytesOf,
  capture,
  captureId,
  delivery,
  deliveryId,
  event,
  eventId,
  succeeded,
} from './records.ts'
import { open, reopen, temporaryFolder } from './stores.ts'

const replayId = '00000000-0000-7000-8000-0000000000aa' as ReplayId
const replay: Replay = {
  id: replayId,
  createdAt: 1,
  mode: 'exact',
  to: { url: 'http://127.0.0.1:1/' },
  rate: 2,
  asRecorded: false,
  spanMs: 0,
  total: 3,
  cancelledAt: null,
}
const request: ReplayRequest = {
  method: 'POST',
  url: 'http://127.0.0.1:1/',
  target: null,
  headers: [['A', '\xe9']],
  signing: null,
  secretPaths: [],
}
const replayed = { replayId, eventId: null, workspaceId: null, destinationId: null } as const
const toReplay = (n: number, body: (Change & { kind: 'replay-request.insert' })['body']): Change[] => [
  { kind: 'delivery.insert', delivery: delivery(n, replayed) },
  {
    kind: 'replay-request.insert',
    deliveryId: deliveryId(n),
    source: { captureId: captureId(1) },
    request,
    body,
  },
]

describe('replays', () => {
  it('keep bodies by reference, small and large, until the last row that names them goes', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    const large = bytesOf(1, 50_000)
    const small = bytesOf(2, 30)
    await store.commit([
      { kind: 'capture.insert', capture: capture(1, large) },
      { kind: 'capture.insert', capture: capture(2, small) },
      { kind: 'event.insert', event: event(1, bytesOf(3, 9000)) },
      { kind: 'delivery.insert', delivery: succeeded(5) },
      { kind: 'attempt.insert', deliveryId: deliveryId(5), attempt: attempt(1, bytesOf(4, 4000), small) },
    ])
    await store.commit([
      { kind: 'replay.put', replay },
      ...toReplay(10, { captureId: captureId(1) }),
      ...toReplay(11, { captureId: captureId(2) }),
      ...toReplay(12, { eventId: eventId(1) }),
      ...toReplay(13, { deliveryId: deliveryId(5), attempt: 1 }),
      ...toReplay(14, null),
    ])
    await store.commit(toReplay(15, { replayed: deliveryId(10) }))
    await store.commit([
      { kind: 'capture.delete', id: captureId(1) },
      { kind: 'capture.delete', id: captureId(2) },
      { kind: 'delivery.delete', id: deliveryId(5) },
      { kind: 'delivery.delete', id: deliveryId(10) },
      { kind: 'event.delete', id: eventId(1) },
    ])
    await store.compact()
    store = await reopen(store, folder)
    const bodyOf = async (n: number) => (await store.replayRequest(deliveryId(n)))?.body
    expect(await store.replayRequest(deliveryId(11))).toEqual({ ...request, body: small })
    expect(Buffer.from((await bodyOf(12)) ?? []).equals(bytesOf(3, 9000))).toBe(true)
    expect(Buffer.from((await bodyOf(13)) ?? []).equals(bytesOf(4, 4000))).toBe(true)
    expect(await bodyOf(14)).toBeNull()
    expect(Buffer.from((await bodyOf(15)) ?? []).equals(large)).toBe(true)
    expect(await store.replayRequest(deliveryId(10))).toBeUndefined()
    expect((await store.use()).bodies).toBe(3)
    for (const n of [11, 12, 13, 14]) await store.commit([{ kind: 'delivery.delete', id: deliveryId(n) }])
    expect(await store.replay(replayId)).toEqual(replay)
    await store.commit([{ kind: 'delivery.delete', id: deliveryId(15) }])
    expect(await store.replay(replayId)).toBeUndefined()
    expect((await store.use()).bodies).toBe(0)
  })

  it('are refused as a whole when the source of a body has gone', async () => {
    const store = await open(await temporaryFolder())
    await store.commit([{ kind: 'capture.insert', capture: capture(1, bytesOf(1, 10)) }])
    const changes: Change[] = [
      { kind: 'replay.put', replay },
      ...toReplay(10, { captureId: captureId(1) }),
      ...toReplay(11, { captureId: captureId(99) }),
    ]
    await expect(store.commit(changes)).rejects.toMatchObject({ code: 'conflict' })
    expect(await store.replay(replayId)).toBeUndefined()
    expect(await store.delivery(deliveryId(10))).toBeUndefined()
    await store.commit([{ kind: 'capture.insert', capture: capture(2, bytesOf(1, 10)) }])
  })

  it('are counted, and listed newest first', async () => {
    const store = await open(await temporaryFolder())
    const failed = (n: number, code: string): Change => ({
      kind: 'delivery.insert',
      delivery: { ...delivery(n, replayed), status: 'failed', reason: { code, message: '' } },
    })
    await store.commit([
      { kind: 'replay.put', replay },
      { kind: 'delivery.insert', delivery: delivery(1, { ...replayed, notBefore: 5000 }) },
      { kind: 'delivery.insert', delivery: succeeded(2, replayed) },
      { kind: 'delivery.insert', delivery: succeeded(3, replayed) },
      failed(4, 'timeout'),
      failed(5, 'cancelled'),
      { kind: 'delivery.insert', delivery: delivery(6) },
    ])
    expect(await store.replayCounts(replayId)).toEqual({ waiting: 1, succeeded: 2, failed: 1, cancelled: 1 })
    expect(await store.waitingDeliveries()).toMatchObject([
      { destinationId: null, replayId, dueAt: 5000 },
      { replayId: null },
    ])
    expect(await store.delivery(deliveryId(1))).toEqual(delivery(1, { ...replayed, notBefore: 5000 }))
    const second = { ...replay, id: '00000000-0000-7000-8000-0000000000ab' as ReplayId }
    await store.commit([{ kind: 'replay.put', replay: second }])
    expect(await store.replays({ cursor: null, limit: 1 })).toEqual({
      items: [second],
      nextCursor: second.id,
    })
    expect((await store.replays({ cursor: second.id, limit: 1 })).items).toEqual([replay])
  })
})
