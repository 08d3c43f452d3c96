import { describe, expect, it, onTestFinished } from 'vitest'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver, type TestReceiver } from '../../support/test-receiver.ts'

interface Scene {
  readonly host: TestHost
  readonly receiver: TestReceiver
  /** One delivery in each state, in the order in which they were made. */
  readonly ids: readonly DeliveryId[]
}

const states = ['succeeded', 'failed', 'retrying', 'processing', 'pending'] as const

/** A delivery in every state there is; the receiver answers nobody any more. */
async function everyState(): Promise<Scene> {
  const receiver = await startTestReceiver()
  onTestFinished(() => receiver.close())
  const host = await startTestHost()
  const { workspaceId } = await setUp(host, 'leadpush', {
    url_template: receiver.url,
    retry_policy: { delays_seconds: [3600], jitter: 0 },
    concurrency: 1,
  })
  const ids: DeliveryId[] = []
  for (const state of states) {
    if (state === 'failed' || state === 'retrying') receiver.replyOnce(500)
    if (state === 'processing') receiver.neverAnswer()
    const id = await raiseOne(host, { workspace_id: workspaceId, type: 'contact.created' })
    ids.push(id)
    if (state === 'failed') {
      receiver.replyOnce(500)
      await host.until(id, 'retrying')
      await host.call('deliveries.send-now', { id })
    }
    await host.until(id, state)
  }
  return { host, receiver, ids }
}

const statuses = async ({ host, ids }: Scene): Promise<string[]> =>
  Promise.all(ids.map(async (id) => (await host.call('deliveries.get', { id })).status))
const nobody = '01890000-0000-7000-8000-000000000000' as DeliveryId
const stay = (...but: readonly string[]) =>
  states.filter((state) => !but.includes(state)).map((reason) => ({ reason, count: 1 }))

describe('a move of a selection', () => {
  it('sends those that wait for a retry now, and says of each other one why not', async () => {
    const scene = await everyState()
    const answer = await scene.host.call('deliveries.send-now-all', { ids: [...scene.ids, nobody] })
    expect(answer).toMatchObject({ sent: 1, skipped: 5 })
    expect(answer.refused).toHaveLength(5)
    expect(answer.refused).toEqual(
      expect.arrayContaining([...stay('retrying'), { reason: 'not_found', count: 1 }]),
    )
    const [, , waited = nobody] = scene.ids
    expect(scene.host.statuses(waited).at(-1)).toBe('pending')
    scene.receiver.answerAll(200)
    await scene.host.until(waited, 'succeeded')
  })

  it('cancels those that wait, and leaves the others alone', async () => {
    const scene = await everyState()
    const answer = await scene.host.call('deliveries.cancel-all', { ids: [...scene.ids] })
    expect(answer).toMatchObject({ cancelled: 2, skipped: 3 })
    expect(answer.refused).toEqual(expect.arrayContaining(stay('retrying', 'pending')))
    expect(await statuses(scene)).toEqual(['succeeded', 'failed', 'failed', 'processing', 'failed'])
    const [, , cancelled = nobody] = scene.ids
    expect((await scene.host.call('deliveries.get', { id: cancelled })).error?.message).toContain('Cancelled')
  })

  it('retries those that failed; one whose destination was deleted is told', async () => {
    const scene = await everyState()
    const [, failed = nobody] = scene.ids
    const answer = await scene.host.call('deliveries.retry-all', { ids: [...scene.ids] })
    expect(answer).toMatchObject({ retried: 1, skipped: 4 })
    expect(answer.refused).toEqual(expect.arrayContaining(stay('failed')))
    const { destination_id: id } = await scene.host.call('deliveries.get', { id: failed })
    await scene.host.call('destinations.delete', { id: id as never })
    expect(await scene.host.call('deliveries.retry-all', { ids: [failed] })).toEqual({
      retried: 0,
      skipped: 1,
      refused: [{ reason: 'destination_deleted', count: 1 }],
    })
  })
})

describe('a move of all that match', () => {
  it('takes what it is for and tells of nothing else', async () => {
    const scene = await everyState()
    expect(await scene.host.call('deliveries.send-now-all', { event_type: 'contact.deleted' })).toEqual({
      sent: 0,
      skipped: 0,
      refused: [],
    })
    expect(await scene.host.call('deliveries.cancel-all', { status: ['retrying', 'succeeded'] })).toEqual({
      cancelled: 1,
      skipped: 0,
      refused: [],
    })
    expect(await statuses(scene)).toEqual(['succeeded', 'failed', 'failed', 'processing', 'pending'])
  })

  it('refuses to cancel everything by a forgotten filter', async () => {
    const scene = await everyState()
    await expect(scene.host.call('deliveries.cancel-all', {})).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('all=true') as string,
    })
    expect(await scene.host.call('deliveries.cancel-all', { all: true })).toMatchObject({ cancelled: 2 })
  })
})
