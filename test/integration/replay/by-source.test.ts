import { describe, expect, it } from 'vitest'
import { replayBench, replayOne } from './replay-bench.ts'

describe('the replays of one capture or delivery', () => {
  it('are listed newest first, each with how it was sent and what came of it, also after a restart', async () => {
    await using b = await replayBench()
    const { call } = b.test
    const [first, other] = await b.captures(2)
    if (first === undefined || other === undefined) throw new Error('two captures were expected')
    const to = { url: b.receiver.url }
    b.receiver.replyOnce(500)
    const exact = await replayOne(b.test, { capture_ids: [first], to, mode: 'exact' })
    await b.test.until(exact, 'failed')
    const resigned = await replayOne(b.test, {
      capture_ids: [first],
      to,
      mode: 'resigned',
      provider: 'leadpush',
      secret: 's1',
    })
    await b.test.until(resigned, 'succeeded')
    const elsewhere = await replayOne(b.test, { capture_ids: [other], to, mode: 'exact' })
    await b.test.until(elsewhere, 'succeeded')
    const again = await replayOne(b.test, { delivery_ids: [exact], to, mode: 'exact' })
    await b.test.until(again, 'succeeded')

    const ofCapture = { source_capture: first }
    const expected = [
      { id: resigned, replay_mode: 'resigned', status: 'succeeded', source: { capture_id: first } },
      { id: exact, replay_mode: 'exact', status: 'failed', response_status: 500 },
    ]
    expect((await call('deliveries.list', ofCapture)).items).toMatchObject(expected)
    expect((await call('deliveries.list', { source_delivery: exact })).items).toMatchObject([
      { id: again, replay_mode: 'exact', source: { delivery_id: exact } },
    ])
    expect((await call('deliveries.list', { ...ofCapture, status: ['failed'] })).items).toHaveLength(1)
    expect((await call('deliveries.list', { ...ofCapture, source_delivery: exact })).items).toEqual([])
    const page = await call('deliveries.list', { ...ofCapture, limit: 1 })
    const next = await call('deliveries.list', { ...ofCapture, cursor: page.next_cursor ?? '' })
    expect([...page.items, ...next.items].map(({ id }) => id)).toEqual([resigned, exact])
    const restarted = await b.test.restart()
    expect((await restarted.call('deliveries.list', ofCapture)).items).toMatchObject(expected)
  })

  it('are gone from the list when they are removed, and back after an undo; the capture may be gone', async () => {
    await using b = await replayBench()
    const { call } = b.test
    const [id] = await b.captures(1)
    if (id === undefined) throw new Error('a capture was expected')
    const made = await replayOne(b.test, { capture_ids: [id], to: { url: b.receiver.url }, mode: 'exact' })
    await b.test.until(made, 'succeeded')
    const listed = async () => (await call('deliveries.list', { source_capture: id })).items.map((d) => d.id)
    const { undo_token: token } = await call('deliveries.delete', { id: made })
    expect(await listed()).toEqual([])
    await call('undo.run', { token })
    expect(await listed()).toEqual([made])
    await call('captures.delete', { id })
    expect(await listed()).toEqual([made])
  })

  it('are no deliveries of events', async () => {
    await using b = await replayBench()
    const [id] = await b.captures(1)
    if (id === undefined) throw new Error('a capture was expected')
    expect((await b.test.call('deliveries.list', { source_capture: id })).items).toEqual([])
    await expect(b.test.call('deliveries.list', { source_capture: 'x' })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ path: 'source_capture' }],
    })
  })
})
