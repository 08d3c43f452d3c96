import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startHost, type Host, type HostOptions } from '../../src-main/host.ts'
import type { PushEvent } from '../../src-main/engine/push.ts'
import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import type { Delivery, DeliveryStatus } from '../../src-shared/model/delivery.ts'
import type { DeliveryId } from '../../src-shared/model/ids.ts'
import type { FakeClock } from './fake-clock.ts'

export interface TestHostOptions extends Partial<Omit<HostOptions, 'clock'>> {
  readonly clock?: FakeClock | undefined
}

/** A host on a folder of its own, stopped and removed when the test ends. */
export interface TestHost {
  readonly host: Host
  readonly folder: string
  /** Calls operations as every transport does: input parsed by the contract. */
  readonly call: Client['call']
  /** Everything that was published since the start. */
  readonly events: readonly PushEvent[]
  /** Lines that the host logged: unexpected errors among them. */
  readonly log: readonly string[]
  /**
   * Resolves with the delivery as soon as this is the status published last (or, when nothing was published of it
   * since the start, the stored one).
   */
  until(id: string, status: DeliveryStatus): Promise<Delivery>
  /** Resolves when an event fits; those that were published before count too. */
  untilEvent(fits: (event: PushEvent) => boolean): Promise<PushEvent>
  /** Resolves when `holds` does; looks again after every published event. */
  untilHolds(holds: () => boolean): Promise<void>
  /** The statuses that were published of a delivery, in order. */
  statuses(id: string): DeliveryStatus[]
  /** Stops, and starts again on the same folder. */
  restart(options?: TestHostOptions): Promise<TestHost>
  /** A copy of the folder as a power cut would leave it, without the lock, and a host started on it. */
  afterPowerCut(options?: TestHostOptions): Promise<TestHost>
  /** A copy of the folder as it is on disk now. */
  copyFolder(): Promise<string>
  stop(graceMs?: number): Promise<void>
}

const impatienceMs = 10_000

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hookbench-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function startTestHost(options: TestHostOptions = {}): Promise<TestHost> {
  const folder = options.folder ?? (await temporaryFolder())
  const log: string[] = []
  const { clock, ...rest } = options
  const host = await startHost({
    version: '0.0.0',
    command: 'test',
    dispatch: true,
    compactionWorker: new URL('../../src-main/storage/compaction-worker.ts', import.meta.url),
    environment: {},
    log: (line) => log.push(line),
    ...rest,
    folder,
    ...(clock === undefined ? {} : { clock }),
  })
  // It rejects while nothing can be written, which tests bring about.
  clock?.settleWith(() => host.store.settled().catch(() => undefined))
  onTestFinished(() => host.stop(0))
  const events: PushEvent[] = []
  const last = new Map<string, Delivery>()
  const listeners = new Set<() => void>()
  host.engine.push.subscribe((event) => {
    events.push(event)
    if (event.kind === 'delivery') last.set(event.delivery.id, event.delivery)
    for (const listener of listeners) listener()
  })
  const untilHolds = (holds: () => boolean, what = 'the awaited state'): Promise<void> =>
    new Promise((resolve, reject) => {
      const listen = (): void => {
        if (!holds()) return
        listeners.delete(listen)
        clearTimeout(impatience)
        resolve()
      }
      const impatience = setTimeout(() => {
        listeners.delete(listen)
        reject(new Error(`${what} did not come; log:\n${log.join('\n')}\nevents:\n${described(events)}`))
      }, impatienceMs)
      listeners.add(listen)
      listen()
    })
  const client = createClient(createLocalTransport(host.handlers))
  const copyFolder = async (): Promise<string> => {
    const copy = await temporaryFolder()
    await cp(folder, copy, { recursive: true })
    await rm(join(copy, 'lock'), { force: true })
    return copy
  }
  return {
    host,
    folder,
    call: (name, input) => client.call(name, input),
    events,
    log,
    async until(id, status) {
      const published = (): Delivery | undefined => last.get(id)
      if (published() === undefined) {
        const stored = await host.store.delivery(id as DeliveryId)
        if (stored?.status === status) return stored
      }
      await untilHolds(() => published()?.status === status, `delivery ${id} ${status}`)
      const delivery = published()
      if (delivery === undefined) throw new Error('unreachable')
      return delivery
    },
    async untilEvent(fits) {
      await untilHolds(() => events.some(fits))
      const event = events.find(fits)
      if (event === undefined) throw new Error('unreachable')
      return event
    },
    untilHolds: (holds) => untilHolds(holds),
    statuses: (id) =>
      events.flatMap((event) =>
        event.kind === 'delivery' && event.delivery.id === id ? [event.delivery.status] : [],
      ),
    async restart(again = {}) {
      await host.stop(0)
      return startTestHost({ ...options, ...again, folder })
    },
    async afterPowerCut(again = {}) {
      return startTestHost({ ...options, ...again, folder: await copyFolder() })
    },
    copyFolder,
    stop: (graceMs) => host.stop(graceMs),
  }
}

function described(events: readonly PushEvent[]): string {
  return events
    .map((event) =>
      event.kind === 'delivery'
        ? `delivery ${event.delivery.id} ${event.delivery.status} ${JSON.stringify(event.delivery.lastFailure)}`
        : event.kind,
    )
    .slice(-40)
    .join('\n')
}
