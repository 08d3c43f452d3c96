import type { Handlers } from '../../../src-shared/api/contract.ts'
import { shownMinutes, Traffic } from '../traffic/traffic.ts'
import type { Page, PageQuery } from '../store.ts'
import type { EngineContext } from './context.ts'

/** So many of each are looked at for what happened before the start: enough to go on with, and read in a moment. */
const mostRead = 500
const hourMs = shownMinutes * 60_000

/** The last hour's figures; they are counted as they happen, from the engine's start on. */
export function statisticsHandlers(context: EngineContext): Pick<Handlers, 'statistics.get'> {
  const { clock, push } = context
  const traffic = new Traffic(clock.now())
  push.subscribe((event) => traffic.take(event))
  let read: Promise<void> | null = null
  return {
    'statistics.get': async () => {
      read ??= readPast(context, traffic)
      try {
        await read
      } catch (error) {
        read = null
        throw error
      }
      return traffic.lastHour(clock.now())
    },
  }
}

/** Adds what the history says of the hour before the start. */
async function readPast({ store }: EngineContext, traffic: Traffic): Promise<void> {
  const { startedAt } = traffic
  const since = startedAt - hourMs
  const deliveries = await newest(
    (page) => store.deliveries({}, page),
    ({ createdAt }) => createdAt >= since,
  )
  const attempts = await Promise.all(deliveries.map(({ id }) => store.attempts(id)))
  const captures = await newest(
    (page) => store.captures({}, page),
    ({ receivedAt }) => receivedAt >= since,
  )
  for (const delivery of deliveries) if (delivery.updatedAt < startedAt) traffic.addDelivery(delivery)
  for (const attempt of attempts.flat())
    if (attempt.startedAt + attempt.durationMs < startedAt) traffic.addAttempt(attempt)
  for (const capture of captures) if (capture.receivedAt < startedAt) traffic.addCapture(capture)
}

/** Pages from the newest on while they are wanted; no condition in the query, which would search all of the history. */
async function newest<T>(
  page: (query: PageQuery) => Promise<Page<T>>,
  wanted: (item: T) => boolean,
): Promise<readonly T[]> {
  const found: T[] = []
  let cursor: string | null = null
  while (found.length < mostRead) {
    const { items, nextCursor }: Page<T> = await page({ cursor, limit: 200 })
    const fits = items.filter(wanted)
    found.push(...fits)
    if (fits.length < items.length || nextCursor === null) break
    cursor = nextCursor
  }
  return found
}
