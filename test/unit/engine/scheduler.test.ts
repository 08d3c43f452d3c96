import { describe, expect, it } from 'vitest'
import type { QueueEntry } from '../../../src-main/engine/dispatch/lane.ts'
import { Scheduler, type Ended } from '../../../src-main/engine/dispatch/scheduler.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import { deliveryIn } from '../../support/builders.ts'
import { createFakeClock, fakeStart, turns, type FakeClock } from '../../support/fake-clock.ts'

const hour = 3_600_000
const year = 365 * 24 * hour

interface Bench {
  readonly scheduler: Scheduler
  readonly clock: FakeClock
  /** What was started, in order. */
  readonly started: QueueEntry[]
  readonly startedAt: Map<string, number>
  /** Ends the request of a delivery that is under way. */
  end(id: string, againAfterMs?: number): Promise<void>
  /** Ends everything under way, and what is started then, until nothing is. */
  endAll(): Promise<void>
  add(id: string, destination: string, delayMs?: number): void
  readonly settings: Map<string, Partial<Destination> | null>
  global: number
  mostAtOnce: number
  /** By how much the clock went ahead, and how many were overdue then. */
  readonly jumps: [number, number][]
}

/** `automatic`: each request ends by itself in the same turn of the event loop. */
function bench({ automatic = false, global = 64 } = {}): Bench {
  const clock = createFakeClock()
  const open = new Map<string, (ended: Ended) => void>()
  const settings: Bench['settings'] = new Map()
  const started: QueueEntry[] = []
  const startedAt = new Map<string, number>()
  const self: Bench = {
    clock,
    started,
    startedAt,
    settings,
    global,
    mostAtOnce: 0,
    jumps: [],
    scheduler: new Scheduler({
      clock,
      paused: () => false,
      concurrency: () => self.global,
      limits: (id) => {
        const own = settings.get(id)
        return own === null ? undefined : { concurrency: 8, rate_limit: null, ...own }
      },
      start: (entry) => {
        started.push(entry)
        startedAt.set(entry.id, clock.monotonicMs())
        const promise = automatic
          ? Promise.resolve({ againAfterMs: null })
          : new Promise<Ended>((resolve) => open.set(entry.id, resolve))
        queueMicrotask(() => {
          self.mostAtOnce = Math.max(self.mostAtOnce, self.scheduler.inFlight)
        })
        return promise
      },
      onClockJump: (jumpedMs, overdue) => self.jumps.push([jumpedMs, overdue]),
    }),
    async end(id, againAfterMs) {
      open.get(id)?.({ againAfterMs: againAfterMs ?? null })
      open.delete(id)
      await turns(1)
    },
    async endAll() {
      while (open.size > 0) for (const id of Array.from(open.keys())) await self.end(id)
    },
    add: (id, destination, delayMs = 0) =>
      self.scheduler.add(id as DeliveryId, destination as DestinationId, delayMs),
  }
  self.scheduler.resume()
  return self
}

const idsOf = (entries: readonly QueueEntry[]): string[] => entries.map(({ id }) => id)

describe('the scheduler', () => {
  it('starts what is due at once, in the order of arrival', () => {
    const b = bench()
    for (const id of ['1', '2', '3']) b.add(id, 'a')
    b.scheduler.pump()
    expect(idsOf(b.started)).toEqual(['1', '2', '3'])
    expect(b.scheduler).toMatchObject({ waiting: 0, inFlight: 3 })
  })

  it('starts what is due later at its time, earliest first', async () => {
    const b = bench()
    b.add('late', 'a', 300)
    b.add('early', 'a', 100)
    b.add('middle', 'b', 200)
    b.scheduler.pump()
    await b.clock.advance(99)
    expect(b.started).toEqual([])
    await b.clock.advance(500)
    expect(idsOf(b.started)).toEqual(['early', 'middle', 'late'])
    const begin = (b.startedAt.get('early') ?? 0) - 100
    expect([...b.startedAt.values()].map((at) => at - begin)).toEqual([100, 200, 300])
  })

  it('lets destinations take turns', () => {
    const b = bench({ global: 6 })
    for (const destination of ['a', 'b', 'c']) {
      for (const n of [1, 2, 3]) b.add(`${destination}${n}`, destination)
    }
    b.scheduler.pump()
    expect(idsOf(b.started)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2'])
  })

  it('keeps within a destination’s concurrency', async () => {
    const b = bench()
    b.settings.set('a', { concurrency: 2 })
    for (let n = 0; n < 10; n += 1) b.add(`${n}`, 'a')
    b.scheduler.pump()
    expect(b.started).toHaveLength(2)
    await b.end('0')
    expect(b.started).toHaveLength(3)
    await b.endAll()
    expect(b.started).toHaveLength(10)
    expect(b.mostAtOnce).toBe(2)
  })

  it('keeps within the global concurrency, and goes on fairly when a slot is free', async () => {
    const b = bench({ global: 4 })
    for (let n = 0; n < 10; n += 1) for (const d of ['a', 'b']) b.add(`${d}${n}`, d)
    b.scheduler.pump()
    expect(idsOf(b.started)).toEqual(['a0', 'b0', 'a1', 'b1'])
    await b.end('a0')
    await b.end('b0')
    expect(idsOf(b.started.slice(4))).toEqual(['a2', 'b2'])
    await b.endAll()
    expect(b.started).toHaveLength(20)
    expect(b.mostAtOnce).toBe(4)
  })

  it('gives each destination an equal share of the slots, whoever ends its requests faster', async () => {
    const b = bench({ global: 4 })
    for (let n = 0; n < 10; n += 1) for (const d of ['slow', 'fast']) b.add(`${d}${n}`, d)
    b.scheduler.pump()
    for (let n = 0; n < 10; n += 1) await b.end(`fast${n}`)
    expect(b.started.filter(({ id }) => id.startsWith('fast'))).toHaveLength(10)
    // The slots that the fast one needs no more.
    expect(b.started.filter(({ id }) => id.startsWith('slow'))).toHaveLength(4)
    expect(b.mostAtOnce).toBe(4)
  })

  it('fault 29: gives a destination its share beyond the limit when dead ones hold every slot', async () => {
    const b = bench()
    b.settings.set('dead', { concurrency: 64 })
    for (let n = 0; n < 100; n += 1) b.add(`dead${n}`, 'dead')
    b.scheduler.pump()
    expect(b.scheduler.inFlight).toBe(64)
    b.settings.set('fine', { concurrency: 64 })
    for (let n = 0; n < 100; n += 1) b.add(`fine${n}`, 'fine')
    b.scheduler.pump()
    expect(b.started.filter(({ id }) => id.startsWith('fine'))).toHaveLength(32)
    await b.end('dead0')
    expect(b.scheduler.inFlight).toBe(95)
  })

  it('fault 29: goes no further than twice the limit, or one for each destination', async () => {
    const b = bench()
    for (let d = 0; d < 100; d += 1) {
      b.settings.set(`dead${d}`, { concurrency: 64 })
      for (let n = 0; n < 64; n += 1) b.add(`dead${d}-${n}`, `dead${d}`)
      b.scheduler.pump()
    }
    expect(b.scheduler.inFlight).toBeGreaterThan(100)
    expect(b.scheduler.inFlight).toBeLessThan(2 * 64 + 100)
    for (let d = 0; d < 100; d += 1) expect(idsOf(b.started)).toContain(`dead${d}-0`)
  })

  it('starts the next one when a slot is given back before the delivery is over', async () => {
    const b = bench({ global: 1 })
    for (const id of ['1', '2', '3']) b.add(id, 'a')
    b.scheduler.pump()
    const [first] = b.started
    if (first !== undefined) b.scheduler.freeSlot(first)
    expect(idsOf(b.started)).toEqual(['1', '2'])
    expect(b.scheduler).toMatchObject({ waiting: 1, inFlight: 2 })
    await b.end('1')
    expect(idsOf(b.started)).toEqual(['1', '2'])
    await b.end('2')
    expect(idsOf(b.started)).toEqual(['1', '2', '3'])
  })

  it('is idle when nothing is under way any more, slot or none', async () => {
    const b = bench()
    b.add('1', 'a')
    b.scheduler.pump()
    const [first] = b.started
    if (first !== undefined) b.scheduler.freeSlot(first)
    let isIdle = false
    const idle = b.scheduler.idle().then(() => {
      isIdle = true
    })
    await turns(1)
    expect(isIdle).toBe(false)
    await b.end('1')
    await idle
  })

  it('follows a raised global concurrency as soon as it is woken', () => {
    const b = bench({ global: 1 })
    for (let n = 0; n < 3; n += 1) b.add(`${n}`, 'a')
    b.scheduler.pump()
    expect(b.started).toHaveLength(1)
    b.global = 3
    b.scheduler.wake()
    expect(b.started).toHaveLength(3)
  })

  it('fault 29: ends all of a healthy destination while a dead one with 1,000 waiting holds its slots', async () => {
    const b = bench()
    for (let n = 0; n < 1000; n += 1) b.add(`dead${n}`, 'dead')
    for (let n = 0; n < 1000; n += 1) b.add(`fine${n}`, 'fine')
    b.scheduler.pump()
    for (;;) {
      const next = b.started.findLast(({ id }) => id.startsWith('fine') && b.scheduler.isInFlight(id))
      if (next === undefined) break
      await b.end(next.id)
    }
    expect(b.started.filter(({ id }) => id.startsWith('fine'))).toHaveLength(1000)
    expect(b.started.filter(({ id }) => id.startsWith('dead'))).toHaveLength(8)
  })

  it('fault 29: also when twenty dead destinations together exceed the global limit', async () => {
    const b = bench()
    for (let d = 0; d < 20; d += 1) for (let n = 0; n < 50; n += 1) b.add(`dead${d}-${n}`, `dead${d}`)
    b.scheduler.pump()
    expect(b.scheduler.inFlight).toBe(64)
    for (let n = 0; n < 200; n += 1) b.add(`fine${n}`, 'fine')
    b.scheduler.pump()
    for (let n = 0; n < 200; n += 1) await b.end(`fine${n}`)
    expect(b.started.filter(({ id }) => id.startsWith('fine'))).toHaveLength(200)
    // Its share beyond the limit: 64 slots among 21 destinations.
    expect(b.mostAtOnce).toBeLessThanOrEqual(64 + 3)
  })

  it('keeps within a rate limit', async () => {
    const b = bench({ automatic: true })
    b.settings.set('a', { rate_limit: { requests: 5, per_seconds: 1 } })
    for (let n = 0; n < 12; n += 1) b.add(`${n}`, 'a')
    b.scheduler.pump()
    expect(b.started).toHaveLength(5)
    await b.clock.advance(999)
    expect(b.started).toHaveLength(5)
    await b.clock.advance(1)
    expect(b.started).toHaveLength(10)
    await b.clock.advance(1000)
    expect(b.started).toHaveLength(12)
  })

  it('remembers a rate limit over the moments in which nothing waits', async () => {
    const b = bench({ automatic: true })
    b.settings.set('a', { rate_limit: { requests: 1, per_seconds: 10 } })
    b.add('1', 'a')
    b.scheduler.pump()
    await turns(2)
    b.add('2', 'a')
    b.scheduler.take('2' as DeliveryId)
    b.add('3', 'a')
    b.scheduler.pump()
    expect(idsOf(b.started)).toEqual(['1'])
    await b.clock.advance(10_000)
    expect(idsOf(b.started)).toEqual(['1', '3'])
  })

  it('holds a destination that may not be sent to until it is woken', async () => {
    const b = bench()
    b.settings.set('a', null)
    b.add('1', 'a')
    b.scheduler.pump()
    expect(b.started).toEqual([])
    b.settings.set('a', {})
    b.scheduler.wake()
    expect(idsOf(b.started)).toEqual(['1'])
  })

  it('queues again what asks for it', async () => {
    const b = bench()
    b.add('1', 'a')
    b.scheduler.pump()
    await b.end('1', 500)
    expect(b.scheduler).toMatchObject({ waiting: 1, inFlight: 0 })
    await b.clock.advance(500)
    expect(idsOf(b.started)).toEqual(['1', '1'])
  })

  it('gives a delivery out of the queue, and takes it back', () => {
    const b = bench()
    b.add('1', 'a', 100)
    const putBack = b.scheduler.take('1' as DeliveryId)
    expect(b.scheduler.take('1' as DeliveryId)).toBeUndefined()
    expect(b.scheduler).toMatchObject({ waiting: 0, laneCount: 0 })
    putBack?.()
    expect(b.scheduler.waitingOf('a' as DestinationId)).toBe(1)
  })

  it('holds a delivery once, at the earlier of two times', async () => {
    const b = bench()
    b.add('1', 'a', 1000)
    b.add('1', 'a', 100)
    b.add('1', 'a', 5000)
    b.scheduler.pump()
    await b.clock.advance(10_000)
    expect(idsOf(b.started)).toEqual(['1'])
  })

  it('knows that a delivery is under way when it was started again before the first start had settled', async () => {
    const b = bench()
    b.add('1', 'a')
    b.scheduler.pump()
    const firstEnd = b.end('1')
    b.add('1', 'a')
    b.scheduler.pump()
    await firstEnd
    expect(b.scheduler.isInFlight('1' as DeliveryId)).toBe(true)
    expect(b.scheduler.inFlight).toBe(1)
  })

  it('starts nothing while it is paused or held', async () => {
    const b = bench()
    b.scheduler.pause()
    b.add('1', 'a')
    await b.clock.advance(60_000)
    expect(b.started).toEqual([])
    b.scheduler.hold(500)
    b.scheduler.resume()
    await b.clock.advance(499)
    expect(b.started).toEqual([])
    await b.clock.advance(1)
    expect(idsOf(b.started)).toEqual(['1'])
  })

  it('leaves nothing behind: no lane, no timer', async () => {
    const b = bench({ automatic: true })
    for (let n = 0; n < 100; n += 1) b.add(`${n}`, `destination${n}`, n)
    b.scheduler.pump()
    await b.clock.advance(10_000)
    expect(b.started).toHaveLength(100)
    expect(b.scheduler).toMatchObject({ waiting: 0, inFlight: 0, laneCount: 0 })
    expect(b.clock.timerCount).toBe(0)
  })

  it('keeps the event of fresh deliveries at hand, but neither of too many nor of large ones', () => {
    const b = bench()
    b.scheduler.pause()
    const event = { payload: new Uint8Array(100) } as WebhookEvent
    const large = { payload: new Uint8Array(1_000_000) } as WebhookEvent
    const add = (id: string, of: WebhookEvent): void =>
      b.scheduler.addFresh(deliveryIn('pending', { id: id as DeliveryId }), 'a' as DestinationId, of)
    add('large', large)
    for (let n = 0; n < 2500; n += 1) add(`${n}`, event)
    b.settings.set('a', { concurrency: 5000 })
    b.global = 5000
    b.scheduler.resume()
    expect(b.started[0]?.fresh).toBeNull()
    expect(b.started.filter(({ fresh }) => fresh !== null)).toHaveLength(2000)
  })
})

describe('the queue read again from the store', () => {
  const waiting = (id: string, dueAt: number) => ({
    id: id as DeliveryId,
    laneId: 'a' as DestinationId,
    status: 'retrying' as const,
    dueAt,
  })

  it('starts at once what is overdue, and the rest at its time', async () => {
    const b = bench()
    b.scheduler.replace([waiting('over', fakeStart - 8 * hour), waiting('soon', fakeStart + 400)], () => hour)
    expect(idsOf(b.started)).toEqual(['over'])
    await b.clock.advance(400)
    expect(idsOf(b.started)).toEqual(['over', 'soon'])
  })

  it('does not believe a due time that is further off than the policy allows', async () => {
    const b = bench()
    b.scheduler.replace([waiting('absurd', fakeStart + 100 * year)], () => 30_000)
    await b.clock.advance(30_000)
    expect(idsOf(b.started)).toEqual(['absurd'])
  })

  it('leaves alone what is under way, forgets what is gone, and keeps what came since', async () => {
    const b = bench()
    b.add('sending', 'a')
    b.scheduler.pump()
    b.add('gone', 'a', 5000)
    b.add('stays', 'a', 5000)
    const since = b.scheduler.lastOrder
    b.add('later', 'a', 100)
    b.scheduler.replace([waiting('sending', fakeStart), waiting('stays', fakeStart + 200)], () => hour, since)
    await b.clock.advance(10_000)
    expect(idsOf(b.started)).toEqual(['sending', 'later', 'stays'])
  })
})

describe('the scheduler and clocks that jump', () => {
  it('fault 26: a wall clock a year ahead makes no storm: what is overdue then goes out paced', async () => {
    const b = bench({ automatic: true })
    for (let n = 0; n < 1000; n += 1) b.add(`${n}`, 'a', hour)
    b.scheduler.pump()
    b.clock.jumpWall(year)
    await b.clock.advance(5000)
    expect(b.started.length).toBeLessThanOrEqual(1)
    await b.clock.advance(1000)
    expect(b.started.length).toBeGreaterThanOrEqual(19)
    expect(b.started.length).toBeLessThanOrEqual(22)
    await b.clock.advance(50_000)
    expect(b.started).toHaveLength(1000)
    expect(b.jumps).toEqual([[year, 1000]])
  })

  it('fault 26: a wall clock an hour back stalls nothing', async () => {
    const b = bench()
    b.add('1', 'a', 10_000)
    b.scheduler.pump()
    b.clock.jumpWall(-hour)
    await b.clock.advance(10_000)
    expect(idsOf(b.started)).toEqual(['1'])
    expect(b.jumps).toEqual([])
  })

  it('fault 26: a wall clock that went back and is set right again fires nothing early', async () => {
    const b = bench()
    b.add('1', 'a', hour)
    b.scheduler.pump()
    b.clock.jumpWall(-2 * hour)
    await b.clock.advance(10_000)
    b.clock.jumpWall(2 * hour)
    await b.clock.advance(10_000)
    expect(b.started).toEqual([])
    await b.clock.advance(hour)
    expect(idsOf(b.started)).toEqual(['1'])
  })

  it('fault 27: after eight hours of sleep overdue retries are paced, others come at their wall time', async () => {
    const b = bench({ automatic: true })
    for (let n = 0; n < 100; n += 1) b.add(`over${n}`, 'a', hour + n)
    b.add('later', 'a', 9 * hour)
    b.add('other', 'b', hour)
    b.scheduler.pump()
    const slept = b.clock.monotonicMs()
    b.clock.jumpWall(8 * hour)
    await b.clock.advance(5000)
    await b.clock.advance(10_000)
    expect(b.started).toHaveLength(101)
    const times = [...b.startedAt.entries()].filter(([id]) => id.startsWith('over')).map(([, at]) => at)
    expect(times.map((at) => at - (times[0] ?? 0))).toEqual(times.map((_, index) => index * 50))
    // Destinations don't wait for one another.
    expect(b.startedAt.get('other')).toBe(times[0])
    await b.clock.advance(hour)
    expect((b.startedAt.get('later') ?? 0) - slept).toBe(hour)
  })

  it('lets a small correction of the clock pass', async () => {
    const b = bench()
    b.add('1', 'a', 60_000)
    b.scheduler.pump()
    b.clock.jumpWall(1500)
    await b.clock.advance(59_999)
    expect(b.started).toEqual([])
    await b.clock.advance(1)
    expect(b.started).toHaveLength(1)
  })
})

describe('the scheduler with much to do', () => {
  it('fault 30: starts each of 100,000 waiting at its time, in bounded memory', async () => {
    const b = bench({ automatic: true, global: 1024 })
    b.settings.set('a', { concurrency: 256 })
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < 100_000; n += 1)
      b.add(`${n}`, `destination${n % 50}`, 60_000 + ((n * 7919) % 100_000) * 10)
    b.scheduler.pump()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)
    const begin = b.clock.monotonicMs()
    // One delivery every 10 ms: look at a stretch of them.
    await b.clock.advance(60_000)
    await b.clock.advance(2000)
    expect(b.started).toHaveLength(201)
    for (const [id, at] of b.startedAt) {
      expect(at - begin).toBe(60_000 + ((Number(id) * 7919) % 100_000) * 10)
    }
    expect(b.scheduler.waiting).toBe(100_000 - 201)
  })

  it('takes turns among 1,000 destinations as fast as among one', async () => {
    const run = async (destinations: number): Promise<number> => {
      const b = bench({ automatic: true, global: 64 })
      const started = performance.now()
      for (let n = 0; n < 50_000; n += 1) b.add(`${n}`, `destination${n % destinations}`)
      b.scheduler.pump()
      while (b.scheduler.waiting > 0) await turns(1)
      expect(b.started).toHaveLength(50_000)
      return performance.now() - started
    }
    await run(1)
    const one = await run(1)
    expect(await run(1000)).toBeLessThan(one * 8 + 500)
  })

  it('is not slowed down by 1,000 destinations that are held or wait for later', async () => {
    const b = bench({ automatic: true })
    for (let d = 0; d < 1000; d += 1) {
      b.settings.set(`held${d}`, null)
      b.add(`held${d}`, `held${d}`)
      b.add(`later${d}`, `later${d}`, hour)
    }
    b.scheduler.pump()
    const started = performance.now()
    for (let n = 0; n < 20_000; n += 1) b.add(`${n}`, 'busy')
    b.scheduler.pump()
    while (b.started.length < 20_000) await turns(1)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
