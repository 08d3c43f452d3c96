import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../src-shared/api/client.ts'
import type { DeliverySummary } from '../../src-shared/model/delivery.ts'
import type { WorkspaceId } from '../../src-shared/model/ids.ts'
import { startDrillReceiver, type DrillReceiver } from './crash-receiver.ts'
import { startLife, type ServerLife } from './crash-server.ts'

/**
 * The crash drill: a real `hookbench serve` under load is killed with SIGKILL at moments chosen by chance and started
 * again, over and over. What must hold is checked from outside only: over the API, and by what reached the receiver.
 *
 * @see fault-matrix.md, row 16
 */

export interface DrillOptions {
  readonly kills: number
  /** The same seed gives the same moments and answers, as far as the machine's own timing allows. */
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface DrillResult {
  readonly kills: number
  /** Of those, before the server was ready. */
  readonly killsWhileStarting: number
  readonly acknowledgedEvents: number
  readonly deliveries: number
  readonly requests: number
  /** Attempts that were marked as interrupted. */
  readonly interrupted: number
  /** Deliveries whose 200 was lost with the process, so that they were sent once more. */
  readonly repeated: number
  /** Torn journal tails that were found and set aside. */
  readonly tornTails: number
}

const raisers = 8
const longestLifeMs = 700
/** Of all kills, those that don't wait for the server to be ready. */
const whileStartingShare = 0.2
const longestStartMs = 600
const observeEveryMs = 40
const readyWithinMs = 30_000
const drainWithinMs = 60_000

/** @throws Error that names the seed and every rule that was broken */
export async function runCrashDrill(options: DrillOptions): Promise<DrillResult> {
  const folder = await mkdtemp(join(tmpdir(), 'hookbench-crash-'))
  // A drill that is broken off; its server has been killed before, by a listener that is older.
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  process.once('exit', remove)
  const chance = seededChance(options.seed)
  const receiver = await startDrillReceiver(seededChance(options.seed + 1))
  const drill = new CrashDrill(options, folder, chance, receiver)
  try {
    return await drill.run()
  } finally {
    await drill.end()
    await receiver.close()
    await rm(folder, { recursive: true, force: true })
    process.off('exit', remove)
  }
}

interface Acknowledged {
  readonly eventId: string
  readonly deliveryIds: readonly string[]
}

class CrashDrill {
  readonly #options: DrillOptions
  readonly #folder: string
  readonly #chance: () => number
  readonly #receiver: DrillReceiver
  readonly #acknowledged: Acknowledged[] = []
  /** How many of those had been checked after an earlier restart. */
  #checked = 0
  /** Deliveries that the API has shown as succeeded. */
  readonly #seenSucceeded = new Set<string>()
  readonly #broken: string[] = []
  #life: ServerLife | null = null
  #killsWhileStarting = 0
  #tornTails = 0

  constructor(options: DrillOptions, folder: string, chance: () => number, receiver: DrillReceiver) {
    this.#options = options
    this.#folder = folder
    this.#chance = chance
    this.#receiver = receiver
    receiver.onRequest = (id) => {
      if (this.#seenSucceeded.has(id))
        this.#broken.push(`delivery ${id} was sent again after it was shown as succeeded`)
    }
  }

  async run(): Promise<DrillResult> {
    const workspaceId = await this.#setUp()
    for (let kill = 1; kill <= this.#options.kills; kill += 1) {
      await this.#liveAndDie(workspaceId)
      if (kill % 10 === 0)
        this.#options.log?.(`${kill} kills, ${this.#acknowledged.length} events acknowledged`)
      this.#throwIfBroken()
    }
    return this.#settle()
  }

  async end(): Promise<void> {
    await this.#life?.kill()
    this.#life = null
  }

  /** The first life: one destination with short retries, and limits that keep all history. */
  async #setUp(): Promise<WorkspaceId> {
    const client = await this.#start()
    const [workspace] = (await client.call('workspaces.list', {})).items
    if (workspace === undefined) throw new Error('a fresh folder has a workspace')
    await client.call('settings.change', { max_deliveries: 1_000_000 })
    const { items: subscriptions } = await client.call('subscriptions.list', {})
    for (const { id } of subscriptions) await client.call('subscriptions.delete', { id })
    const destination = await client.call('destinations.create', {
      workspace_id: workspace.id,
      name: 'drill',
      url_template: this.#receiver.url,
      concurrency: 32,
      timeout_seconds: 20,
      retry_policy: { delays_seconds: Array.from({ length: 20 }, () => 0.1), jitter: 0.5 },
    })
    await client.call('subscriptions.create', {
      destination_id: destination.id,
      name: 'drill',
      event_types: ['contact.created'],
    })
    await this.end()
    return workspace.id
  }

  async #liveAndDie(workspaceId: WorkspaceId): Promise<void> {
    await this.#receiver.nextLife()
    if (this.#chance() < whileStartingShare) {
      this.#killsWhileStarting += 1
      this.#life = startLife(this.#folder)
      await delay(this.#chance() * longestStartMs)
      return this.end()
    }
    const client = await this.#start()
    const stop = new AbortController()
    const work = [
      ...Array.from({ length: raisers }, () => this.#raise(client, workspaceId, stop.signal)),
      this.#observe(client, stop.signal),
      this.#checkAfterRestart(client, stop.signal),
    ]
    await delay(this.#chance() * longestLifeMs)
    // From here on calls may fail; those under way that are still answered count.
    stop.abort()
    await this.end()
    await Promise.all(work)
  }

  async #start(): Promise<Client> {
    const life = startLife(this.#folder)
    this.#life = life
    const client = await Promise.race([life.ready, delay(readyWithinMs, null, { ref: false })])
    if (client === null) throw this.#failure(`the server did not start again: ${life.log()}`)
    const { storage } = await client.call('health.get', {})
    for (const damage of storage.set_aside) {
      if (damage.includes('cut off')) this.#tornTails += 1
      else this.#broken.push(`a restart found damage: ${damage}`)
    }
    return client
  }

  /** Raises events until the server is gone; what it acknowledged is remembered. */
  async #raise(client: Client, workspaceId: WorkspaceId, stop: AbortSignal): Promise<void> {
    await untilKilled(stop, async () => {
      const { event, deliveries } = await client.call('events.raise', {
        workspace_id: workspaceId,
        type: 'contact.created',
      })
      this.#acknowledged.push({ eventId: event.id, deliveryIds: deliveries.map(({ id }) => id) })
    })
  }

  async #observe(client: Client, stop: AbortSignal): Promise<void> {
    await untilKilled(stop, async () => {
      const page = await client.call('deliveries.list', { status: ['succeeded'], limit: 500 })
      for (const { id } of page.items) this.#seenSucceeded.add(id)
      await delay(observeEveryMs)
    })
  }

  /** What was acknowledged before the kill is there; what it had under way doesn't stay so. */
  async #checkAfterRestart(client: Client, stop: AbortSignal): Promise<void> {
    const upTo = this.#acknowledged.length
    await untilKilled(stop, async () => {
      while (this.#checked < upTo && !stop.aborted) {
        const { eventId, deliveryIds } = this.#acknowledged[this.#checked] as Acknowledged
        const { items } = await client.call('deliveries.list', { event: eventId })
        for (const id of deliveryIds) {
          if (!items.some((delivery) => delivery.id === id))
            this.#broken.push(`acknowledged delivery ${id} is lost`)
        }
        this.#checked += 1
      }
      await delay(observeEveryMs)
    })
  }

  /** The last life: lets everything end, then holds all of it against what was acknowledged and received. */
  async #settle(): Promise<DrillResult> {
    await this.#receiver.nextLife()
    this.#receiver.calm = true
    const client = await this.#start()
    await this.#drain(client)
    const deliveries = await allDeliveries(client)
    const events = await allEvents(client)
    for (const { eventId, deliveryIds } of this.#acknowledged) {
      if (!events.has(eventId)) this.#broken.push(`acknowledged event ${eventId} is lost`)
      for (const id of deliveryIds)
        if (!deliveries.has(id)) this.#broken.push(`acknowledged delivery ${id} is lost`)
    }
    for (const id of this.#receiver.deliveryIds()) {
      if (!deliveries.has(id)) this.#broken.push(`delivery ${id} was sent but is not known`)
    }
    const tally = { requests: 0, interrupted: 0, repeated: 0 }
    for (const delivery of deliveries.values()) await this.#checkHistory(client, delivery, tally)
    this.#throwIfBroken()
    const { kills } = this.#options
    const counted = { kills, killsWhileStarting: this.#killsWhileStarting, tornTails: this.#tornTails }
    return {
      ...counted,
      ...tally,
      acknowledgedEvents: this.#acknowledged.length,
      deliveries: deliveries.size,
    }
  }

  async #drain(client: Client): Promise<void> {
    const deadline = performance.now() + drainWithinMs
    for (;;) {
      const { items } = await client.call('deliveries.list', {
        status: ['pending', 'processing', 'retrying'],
        limit: 1,
      })
      if (items.length === 0) return
      if (performance.now() > deadline) {
        throw this.#failure(`a delivery is stuck: ${JSON.stringify(items[0])}`)
      }
      await delay(observeEveryMs)
    }
  }

  /** Every request has an attempt; whatever was sent in vain has an interrupted one; no life sends a success twice. */
  async #checkHistory(
    client: Client,
    delivery: DeliverySummary,
    tally: { requests: number; interrupted: number; repeated: number },
  ): Promise<void> {
    const { id, status, attempt_count: attemptCount } = delivery
    const requests = this.#receiver.requests(id)
    const good = requests.filter(({ answered }) => answered === 200)
    tally.requests += requests.length
    if (status !== 'succeeded') this.#broken.push(`delivery ${id} ended as ${status}`)
    if (good.length === 0)
      this.#broken.push(`delivery ${id} counts as succeeded, but was never answered with 200`)
    if (new Set(good.map(({ life }) => life)).size < good.length) {
      this.#broken.push(`delivery ${id} was sent again in the life that had its 200`)
    }
    if (attemptCount < requests.length) {
      this.#broken.push(`delivery ${id} was sent ${requests.length} times, but has ${attemptCount} attempts`)
    }
    if (good.length > 1) tally.repeated += 1
    if (attemptCount === 1) return
    const { attempts } = await client.call('deliveries.get', { id })
    const interrupted = attempts.filter(({ error }) => error?.code === 'interrupted').length
    tally.interrupted += interrupted
    if (attempts.length !== attemptCount) this.#broken.push(`delivery ${id} lacks attempts`)
    if (interrupted > this.#options.kills)
      this.#broken.push(`delivery ${id} was interrupted more often than killed`)
    // Each 200 but the last was lost with its process, and so is an interrupted attempt.
    if (good.length - 1 > interrupted)
      this.#broken.push(`delivery ${id} was repeated without being interrupted`)
  }

  #throwIfBroken(): void {
    if (this.#broken.length > 0) throw this.#failure(this.#broken.slice(0, 20).join('\n'))
  }

  #failure(what: string): Error {
    return new Error(`seed ${this.#options.seed}: ${what}`)
  }
}

/** Repeats `step` until the server is killed: a call that fails before that is a failure of its own. */
async function untilKilled(stop: AbortSignal, step: () => Promise<void>): Promise<void> {
  while (!stop.aborted) {
    try {
      await step()
    } catch (error) {
      if (!stop.aborted) throw error
    }
  }
}

async function allDeliveries(client: Client): Promise<Map<string, DeliverySummary>> {
  const found = new Map<string, DeliverySummary>()
  for (let cursor: string | undefined; ;) {
    const page = await client.call('deliveries.list', {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const delivery of page.items) found.set(delivery.id, delivery)
    if (page.next_cursor === null) return found
    cursor = page.next_cursor
  }
}

async function allEvents(client: Client): Promise<Set<string>> {
  const found = new Set<string>()
  for (let cursor: string | undefined; ;) {
    const page = await client.call('events.list', { limit: 500, ...(cursor === undefined ? {} : { cursor }) })
    for (const { id } of page.items) found.add(id)
    if (page.next_cursor === null) return found
    cursor = page.next_cursor
  }
}

/** Chance that can be repeated: mulberry32. */
function seededChance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
