import { describe, expect, it } from 'vitest'
import { nodeFileSystem, type FileSystem } from '../../../src-main/storage/file-system.ts'
import { addDestination, raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock, fakeStart, type FakeClock } from '../../support/fake-clock.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

const year = 365 * 86_400_000

/** The real files, whose writes fail while `broken` is set. */
function breakableFiles(): { files: FileSystem; broken: boolean } {
  const self = { broken: false, files: nodeFileSystem }
  const check = (): void => {
    if (self.broken) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
  self.files = {
    ...nodeFileSystem,
    async openAppend(path) {
      check()
      const file = await nodeFileSystem.openAppend(path)
      return {
        ...file,
        async append(bytes) {
          check()
          await file.append(bytes)
        },
        async sync() {
          check()
          await file.sync()
        },
      }
    },
    async writeNew(path, bytes) {
      check()
      await nodeFileSystem.writeNew(path, bytes)
    },
  }
  return self
}

/** Moves on until the store has found out that writing fails, or that it works. */
async function untilStorage(test: TestHost, clock: FakeClock, what: 'fails' | 'works again'): Promise<void> {
  const line = what === 'fails' ? 'nothing can be saved' : 'works again'
  for (let n = 0; n < 5000 && !test.log.some((text) => text.includes(line)); n += 1) await clock.advance(20)
  expect(test.log.join('\n')).toContain(line)
}

describe('after a crash', () => {
  it('fault 16: a delivery that was being sent gets an interrupted attempt and is sent again with the same id', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.neverAnswer()
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)

    receiver.reply(200)
    const again = await test.afterPowerCut()
    expect(await again.until(id, 'succeeded')).toMatchObject({ attemptCount: 2, policyAttempts: 1 })
    const { attempts, error } = await again.call('deliveries.get', { id })
    expect(error).toBeNull()
    expect(attempts.map((a) => [a.number, a.error?.code ?? null, a.response_status])).toEqual([
      [1, 'interrupted', null],
      [2, null, 200],
    ])
    expect(attempts[0]?.error?.message).toContain('may have arrived')
    const requests = await receiver.received(2)
    const ids = requests.map(({ headers }) => headers.find(([name]) => name === 'X-Leadpush-Delivery')?.[1])
    expect(ids).toEqual([id, id])
    expect(again.log).toEqual([])
  })

  it('an interrupted attempt does not count against the policy', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      retry_policy: { delays_seconds: [1], jitter: 0 },
    })
    receiver.neverAnswer()
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)
    receiver.reply(500)
    const clock = createFakeClock()
    const again = await test.afterPowerCut({ clock })
    expect(await again.until(id, 'retrying')).toMatchObject({ attemptCount: 2, policyAttempts: 1 })
    await clock.advance(1000)
    expect(await again.until(id, 'failed')).toMatchObject({ attemptCount: 3, policyAttempts: 2 })
  })

  it('what was accepted is sent, retries keep their due time, and what is overdue goes at once', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.reply(500)
    const soon = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(soon, 'retrying')
    const clock = createFakeClock(fakeStart + 4000)
    const early = await test.afterPowerCut({ clock })
    receiver.reply(200)
    await clock.advance(5999)
    expect(receiver.requests).toHaveLength(1)
    await clock.advance(1)
    await early.until(soon, 'succeeded')

    const late = await test.afterPowerCut({ clock: createFakeClock(fakeStart + year) })
    await late.until(soon, 'succeeded')
    expect(await late.call('destinations.get', { id: destinationId })).toMatchObject({
      waiting_deliveries: 0,
    })
  })

  it('a due time that a wrong clock has put far off does not stall a delivery', async () => {
    await using receiver = await startTestReceiver()
    const wrong = createFakeClock(fakeStart + 100 * year)
    const test = await startTestHost({ clock: wrong })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.replyOnce(500)
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(id, 'retrying')
    const clock = createFakeClock()
    const again = await test.afterPowerCut({ clock })
    // The policy's longest delay, not a hundred years.
    await clock.advance(1_800_000)
    expect(await again.until(id, 'succeeded')).toMatchObject({ attemptCount: 2 })
  })

  it('a delivery whose destination is gone ends as failed', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.neverAnswer()
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)
    await test.call('destinations.delete', { id: destinationId })
    const again = await test.afterPowerCut()
    await again.until(id, 'failed')
    expect(await again.call('deliveries.get', { id })).toMatchObject({
      error: { code: 'destination_deleted' },
      attempt_count: 1,
    })
    expect(await again.host.store.waitingDeliveries()).toEqual([])
  })
})

describe('stopping', () => {
  it('fault 38: parks what is under way as pending, with an interrupted attempt, and the next start sends it', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url, timeout_seconds: 60 })
    receiver.neverAnswer()
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)
    const stopped = test.stop(5000)
    await clock.advance(5000)
    await stopped
    expect(test.statuses(id)).toEqual(['pending', 'processing', 'pending'])

    receiver.reply(200)
    const again = await startTestHost({ clock: createFakeClock(), folder: test.folder })
    await again.until(id, 'succeeded')
    const { attempts } = await again.call('deliveries.get', { id })
    expect(attempts.map((a) => [a.number, a.error?.code ?? null])).toEqual([
      [1, 'interrupted'],
      [2, null],
    ])
    expect(test.log).toEqual([])
  })

  it('fault 38: lets what ends within the grace end, and starts nothing new', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url, concurrency: 1 })
    receiver.neverAnswer()
    const first = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    const second = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)
    const stopped = test.stop(5000)
    receiver.answerAll(200)
    await stopped
    expect(test.statuses(first).at(-1)).toBe('succeeded')
    expect(test.statuses(second)).toEqual(['pending'])
    expect(receiver.requests).toHaveLength(1)
  })

  it('ends also while nothing can be written', async () => {
    await using receiver = await startTestReceiver()
    const disk = breakableFiles()
    const test = await startTestHost({ files: disk.files })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.neverAnswer()
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)
    disk.broken = true
    receiver.answerAll(200)
    const started = performance.now()
    await test.stop(200)
    expect(performance.now() - started).toBeLessThan(3000)
    disk.broken = false
    const again = await startTestHost({ folder: test.folder })
    await again.until(id, 'succeeded')
  })

  it('is quick with nothing under way, and can be asked for twice', async () => {
    const test = await startTestHost()
    const started = performance.now()
    await Promise.all([test.stop(5000), test.stop(5000)])
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('when storage fails in mid-life', () => {
  it('what was not written is refused, and nothing of it is sent', async () => {
    await using receiver = await startTestReceiver()
    const disk = breakableFiles()
    const clock = createFakeClock()
    const test = await startTestHost({ clock, files: disk.files })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    disk.broken = true
    const raise = () => test.call('events.raise', { workspace_id: workspaceId, type: 'contact.created' })
    await expect(raise()).rejects.toMatchObject({ code: 'storage_unavailable', status: 503 })
    await expect(raise()).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect(test.call('contacts.create', { workspace_id: workspaceId })).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect(await test.call('health.get', {})).toMatchObject({
      status: 'degraded',
      storage: { writable: false, problem: 'the disk is full' },
    })
    await clock.advance(10_000)
    expect(test.events.filter((event) => event.kind === 'delivery')).toEqual([])

    disk.broken = false
    await untilStorage(test, clock, 'works again')
    await test.untilEvent((event) => event.kind === 'reset')
    expect(await test.call('health.get', {})).toMatchObject({ status: 'ok', storage: { writable: true } })
    expect((await test.call('deliveries.list', {})).items).toEqual([])
    expect((await test.call('contacts.list', { workspace: workspaceId })).items).toEqual([])
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(id, 'succeeded')
    await clock.advance(10_000)
    expect(receiver.requests).toHaveLength(1)
  })

  it('outcomes under way are recorded once it works again, what waits goes on, and nothing is sent twice', async () => {
    await using receiver = await startTestReceiver()
    const disk = breakableFiles()
    const clock = createFakeClock()
    const test = await startTestHost({ clock, files: disk.files })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      concurrency: 3,
    })
    receiver.neverAnswer()
    const raised = await Promise.all(
      Array.from({ length: 10 }, () =>
        raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' }),
      ),
    )
    const underWay = (await receiver.received(3)).map(
      ({ headers }) => headers.find(([n]) => n === 'X-Leadpush-Delivery')?.[1] ?? '',
    )
    disk.broken = true
    receiver.answerAll(200)
    await untilStorage(test, clock, 'fails')
    for (let n = 0; n < 5; n += 1) await clock.advance(1000)
    expect(receiver.requests).toHaveLength(3)
    for (const id of underWay) expect(test.statuses(id)).toEqual(['pending', 'processing'])

    disk.broken = false
    await untilStorage(test, clock, 'works again')
    await clock.advance(500)
    for (const id of raised) await test.until(id, 'succeeded')
    expect(receiver.requests).toHaveLength(10)
    for (const id of raised) {
      const { attempts } = await test.call('deliveries.get', { id })
      expect(attempts).toHaveLength(1)
      expect(test.statuses(id)).toEqual(['pending', 'processing', 'succeeded'])
    }
    expect(await test.call('destinations.get', { id: destinationId })).toMatchObject({
      waiting_deliveries: 0,
    })
    expect(test.log.filter((line) => !line.startsWith('storage:'))).toEqual([])
  })

  it('a claim that could not be written is made again, without a storm of tries', async () => {
    await using receiver = await startTestReceiver()
    const disk = breakableFiles()
    const clock = createFakeClock()
    const test = await startTestHost({ clock, files: disk.files })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    await test.call('destinations.change', {
      id: destinationId,
      enabled: true,
      retry_policy: { delays_seconds: [10], jitter: 0 },
    })
    receiver.reply(500)
    const ids = await Promise.all(
      Array.from({ length: 20 }, () =>
        raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' }),
      ),
    )
    for (const id of ids) await test.until(id, 'retrying')
    disk.broken = true
    receiver.reply(200)
    await clock.advance(12_000)
    expect(receiver.requests).toHaveLength(20)
    disk.broken = false
    await untilStorage(test, clock, 'works again')
    await clock.advance(500)
    for (const id of ids) await test.until(id, 'succeeded')
    expect(receiver.requests).toHaveLength(40)
  })

  it('moves by hand are refused and leave the delivery in its place', async () => {
    await using receiver = await startTestReceiver()
    const disk = breakableFiles()
    const clock = createFakeClock()
    const test = await startTestHost({ clock, files: disk.files })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.replyOnce(500)
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(id, 'retrying')
    disk.broken = true
    for (const move of ['send-now', 'cancel', 'delete'] as const) {
      await expect(test.call(`deliveries.${move}`, { id })).rejects.toMatchObject({
        code: 'storage_unavailable',
      })
    }
    await expect(test.call('destinations.delete', { id: destinationId })).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    disk.broken = false
    await untilStorage(test, clock, 'works again')
    expect(await test.call('deliveries.get', { id })).toMatchObject({ status: 'retrying' })
    await clock.advance(10_000)
    await test.until(id, 'succeeded')
  })
})

describe('clocks that jump', () => {
  it('fault 26: a wall clock a year ahead sends overdue retries, paced, and an hour back stalls nothing', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    await addDestination(test, workspaceId, { url_template: receiver.url })
    receiver.reply(500)
    const ids: string[] = []
    for (let n = 0; n < 10; n += 1) {
      const { deliveries } = await test.call('events.raise', {
        workspace_id: workspaceId,
        type: 'contact.created',
      })
      ids.push(...deliveries.map((delivery) => delivery.id))
    }
    for (const id of ids) await test.until(id, 'retrying')
    clock.jumpWall(year)
    await clock.advance(5000)
    await clock.advance(99)
    // One at once and one more after 50 ms, of each of the two.
    await receiver.received(24)
    expect(receiver.requests).toHaveLength(24)
    const said = 'clock: The clock jumped forward by 31536000 s; overdue deliveries (20) go out spaced.'
    expect(test.log).toContain(said)
    await clock.advance(1000)
    await receiver.received(40)
    for (const id of ids)
      await test.untilHolds(() => test.statuses(id).filter((s) => s === 'retrying').length === 2)

    clock.jumpWall(-year - 3_600_000)
    receiver.reply(200)
    await clock.advance(60_000)
    for (const id of ids) await test.until(id, 'succeeded')
    expect(receiver.requests).toHaveLength(60)
  })
})
