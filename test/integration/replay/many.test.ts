import { describe, expect, it } from 'vitest'
import { setUp } from '../../support/builders.ts'
import type { ReplayView } from '../../../src-shared/model/replay.ts'
import { replayBench, replayOne, untilOver, type ReplayBench } from './replay-bench.ts'

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`)
const bodies = (b: ReplayBench): string[] => b.receiver.requests.map(({ body }) => body.toString())

/** Lets the next one go, and waits for its end. */
async function step(b: ReplayBench, id: ReplayView['id'], ms: number, ended: number): Promise<void> {
  await b.clock.advance(ms)
  await b.test.untilEvent(
    (event) =>
      event.kind === 'replay' &&
      event.replay.id === id &&
      event.replay.total - event.counts.waiting === ended,
  )
}

describe('many at once', () => {
  it('go one at a time, in order, as fast as they are answered', async () => {
    await using b = await replayBench()
    const ids = await b.captures(40)
    const replay = await b.test.call('replays.create', {
      capture_ids: ids,
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    expect(await untilOver(b.test, replay.id)).toMatchObject({ status: 'done', succeeded: 40, total: 40 })
    expect(bodies(b)).toEqual(numbers(40))
  })

  it('200 go in order at a pace, with progress at each step', async () => {
    await using b = await replayBench()
    const ids = await b.captures(200)
    b.receiver.replyOnce(500)
    const { id } = await b.test.call('replays.create', {
      capture_ids: ids,
      to: { url: b.receiver.url },
      mode: 'exact',
      rate: 4,
    })
    await step(b, id, 0, 1)
    expect(await b.test.call('replays.get', { id })).toMatchObject({
      status: 'running',
      waiting: 199,
      failed: 1,
    })
    for (let ended = 2; ended <= 200; ended += 1) {
      await b.clock.advance(249)
      expect(b.receiver.requests).toHaveLength(ended - 1)
      await step(b, id, 1, ended)
      expect(await b.test.call('replays.get', { id })).toMatchObject({
        waiting: 200 - ended,
        succeeded: ended - 1,
        failed: 1,
      })
    }
    expect(await b.test.call('replays.get', { id })).toMatchObject({ status: 'done', rate: 4, total: 200 })
    expect(bodies(b)).toEqual(numbers(200))
  })

  it('go at the distances at which they came, also after a restart', async () => {
    await using b = await replayBench()
    const ids = await b.captures(4, 60_000)
    const { id } = await b.test.call('replays.create', {
      capture_ids: ids,
      to: { url: b.receiver.url },
      mode: 'exact',
      as_recorded: true,
    })
    await step(b, id, 0, 1)
    await b.clock.advance(59_999)
    expect(bodies(b)).toEqual(['0'])
    await step(b, id, 1, 2)
    const test = await b.test.restart()
    const after = { ...b, test }
    await b.clock.advance(59_000)
    expect(bodies(b)).toEqual(['0', '1'])
    await step(after, id, 1000, 3)
    await step(after, id, 60_000, 4)
    expect(bodies(b)).toEqual(numbers(4))
    expect(await test.call('replays.get', { id })).toMatchObject({ status: 'done', as_recorded: true })
  })

  it('cancelled in the middle end at once, and tell so', async () => {
    await using b = await replayBench()
    const { id, deliveries } = await b.test.call('replays.create', {
      capture_ids: await b.captures(10),
      to: { url: b.receiver.url },
      mode: 'exact',
      rate: 1,
    })
    await step(b, id, 0, 1)
    await step(b, id, 1000, 2)
    const cancelled = await b.test.call('replays.cancel', { id })
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      succeeded: 2,
      cancelled: 8,
      waiting: 0,
      failed: 0,
    })
    await b.clock.advance(60_000)
    expect(bodies(b)).toEqual(['0', '1'])
    expect(await b.test.call('deliveries.get', { id: deliveries[5]?.id ?? '' })).toMatchObject({
      status: 'failed',
      error: { code: 'cancelled' },
    })
    await expect(b.test.call('replays.cancel', { id })).rejects.toMatchObject({ code: 'replay_ended' })
    const again = await b.test.restart()
    expect(await again.call('replays.list', {})).toEqual({ items: [cancelled], next_cursor: null })
    // One of them can still be sent by hand.
    await again.call('deliveries.retry', { id: deliveries[5]?.id ?? '' })
    await again.until(deliveries[5]?.id ?? '', 'succeeded')
    expect(bodies(b)).toEqual(['0', '1', '5'])
  })

  it('cancelled while one is being sent: that one ends by itself, and is not tried again', async () => {
    await using b = await replayBench()
    const { destinationId } = await setUp(b.test, 'leadpush', { url_template: b.receiver.url })
    b.receiver.neverAnswer()
    const { id, deliveries } = await b.test.call('replays.create', {
      capture_ids: await b.captures(3),
      to: { destination_id: destinationId },
      mode: 'exact',
    })
    await b.receiver.received(1)
    expect(await b.test.call('replays.cancel', { id })).toMatchObject({ cancelled: 2, waiting: 1 })
    b.receiver.answerAll(500)
    await b.test.until(deliveries[0]?.id ?? '', 'failed')
    await b.clock.advance(3_600_000)
    expect(b.receiver.requests).toHaveLength(1)
  })

  it('go on after a crash: nothing is lost, and nothing that succeeded is sent again', async () => {
    await using b = await replayBench()
    const { id, deliveries } = await b.test.call('replays.create', {
      capture_ids: await b.captures(30),
      to: { url: b.receiver.url },
      mode: 'exact',
      rate: 10,
    })
    await step(b, id, 0, 1)
    for (let ended = 2; ended <= 12; ended += 1) await step(b, id, 100, ended)
    b.receiver.neverAnswer()
    await b.clock.advance(100)
    await b.receiver.received(13)
    const test = await b.test.afterPowerCut()
    await b.test.stop(0)
    b.receiver.answerAll()
    const after = { ...b, test }
    await test.until(deliveries[12]?.id ?? '', 'succeeded')
    for (let ended = 14; ended <= 30; ended += 1) await step(after, id, 100, ended)
    expect(await test.call('replays.get', { id })).toMatchObject({ status: 'done', succeeded: 30, total: 30 })
    // The 13th may have arrived before the crash, so it is sent again; all others once, in order.
    expect(bodies(b)).toEqual([...numbers(13), '12', ...numbers(30).slice(13)])
    expect(await test.call('deliveries.get', { id: deliveries[12]?.id ?? '' })).toMatchObject({
      attempt_count: 2,
    })
  })
})

describe('a replay to a destination', () => {
  it('waits while the destination is disabled, and counts as waiting there', async () => {
    await using b = await replayBench()
    const { destinationId } = await setUp(b.test, 'leadpush', { url_template: b.receiver.url })
    await b.test.call('destinations.change', { id: destinationId, enabled: false })
    const { id } = await b.test.call('replays.create', {
      capture_ids: await b.captures(3),
      to: { destination_id: destinationId },
      mode: 'exact',
    })
    await b.clock.advance(60_000)
    expect(bodies(b)).toEqual([])
    expect(await b.test.call('destinations.get', { id: destinationId })).toMatchObject({
      waiting_deliveries: 3,
    })
    await b.test.call('destinations.change', { id: destinationId, enabled: true })
    await untilOver(b.test, id)
    expect(bodies(b)).toEqual(numbers(3))
  })

  it('waits while the destination is paused', async () => {
    await using b = await replayBench()
    const { destinationId } = await setUp(b.test, 'breakcold-classic', { url_template: b.receiver.url })
    b.receiver.reply(500)
    const { id } = await b.test.call('replays.create', {
      capture_ids: await b.captures(12),
      to: { destination_id: destinationId },
      mode: 'exact',
    })
    await b.test.untilEvent((event) => event.kind === 'destination' && event.change === 'paused')
    await b.clock.advance(60_000)
    expect(await b.test.call('replays.get', { id })).toMatchObject({ failed: 10, waiting: 2 })
    b.receiver.reply(200)
    await b.test.call('destinations.resume', { id: destinationId })
    expect(await untilOver(b.test, id)).toMatchObject({ failed: 10, succeeded: 2 })
  })

  it('ends with the destination, and then refuses a retry', async () => {
    await using b = await replayBench()
    const { destinationId } = await setUp(b.test, 'leadpush', { url_template: b.receiver.url })
    await b.test.call('destinations.change', { id: destinationId, enabled: false })
    const { id, deliveries } = await b.test.call('replays.create', {
      capture_ids: await b.captures(3),
      to: { destination_id: destinationId },
      mode: 'exact',
    })
    expect(await b.test.call('destinations.delete', { id: destinationId })).toEqual({ failed_deliveries: 3 })
    expect(await untilOver(b.test, id)).toMatchObject({ status: 'done', failed: 3 })
    await expect(b.test.call('deliveries.retry', { id: deliveries[0]?.id ?? '' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})

describe('a replay to a URL', () => {
  it('is not retried by itself; a manual retry sends the same bytes, also after a restart', async () => {
    await using b = await replayBench()
    const source = await b.capture(
      'POST /in/inbox HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\n\x00\xff\x01',
    )
    b.receiver.replyOnce(503)
    const id = await replayOne(b.test, {
      capture_ids: [source],
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    await b.test.until(id, 'failed')
    await b.clock.advance(3_600_000)
    expect(b.receiver.requests).toHaveLength(1)
    const test = await b.test.restart()
    await test.call('deliveries.retry', { id })
    expect(await test.until(id, 'succeeded')).toMatchObject({ attemptCount: 2 })
    const [first, second] = b.receiver.requests
    expect(second).toEqual(first)
  })

  it('goes with the last of its deliveries, unless the removal is undone', async () => {
    await using b = await replayBench()
    const { id } = await b.test.call('replays.create', {
      capture_ids: await b.captures(2),
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    await untilOver(b.test, id)
    const removal = await b.test.call('deliveries.remove', { replay: id })
    expect(await b.test.call('replays.get', { id })).toMatchObject({ total: 2, removed: 2, succeeded: 0 })
    await b.test.call('undo.run', { token: removal.undo_token })
    expect(await b.test.call('replays.get', { id })).toMatchObject({ removed: 0, succeeded: 2 })
    await b.test.call('deliveries.remove', { replay: id })
    await b.clock.advance(62_000)
    await expect(b.test.call('replays.get', { id })).rejects.toMatchObject({ code: 'replay_not_found' })
  })
})
