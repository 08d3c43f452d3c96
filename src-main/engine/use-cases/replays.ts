import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError, type FieldError } from '../../../src-shared/errors.ts'
import type { DeliveryIn } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { DeliveryId, ReplayId } from '../../../src-shared/model/ids.ts'
import type { Replay } from '../../../src-shared/model/replay.ts'
import type { Provider } from '../providers/provider.ts'
import { findProvider } from '../providers/index.ts'
import type { ReplayRequest } from '../replay/replay-request.ts'
import { signedSource, type SignedSource, type SigningWish } from '../replay/signing-plan.ts'
import { captureSources, deliverySources, type ReplaySource, type Unreplayable } from '../replay/sources.ts'
import { nameOfUrl, urlProblem } from '../replay/target.ts'
import { readSecretKey } from '../signing/secret-key.ts'
import type { Change } from '../store.ts'
import { invalidField, type EngineContext } from './context.ts'
import type { Remember } from './idempotency.ts'
import { providerOfWorkspace, requireDestination } from './lookup.ts'
import { replayView } from './replay-view.ts'

type ReplayHandlers = Pick<Handlers, 'replays.create' | 'replays.list' | 'replays.get' | 'replays.cancel'>
type ReplayInput = Omit<Parameters<ReplayHandlers['replays.create']>[0], 'idempotency_key'>
type Made = Awaited<ReturnType<ReplayHandlers['replays.create']>>

export function replayHandlers(context: EngineContext): ReplayHandlers {
  const { store, clock, push, dispatcher } = context
  const required = async (id: ReplayId): Promise<Replay> => {
    const replay = await store.replay(id)
    if (replay === undefined) throw new AppError('replay_not_found', { id })
    return replay
  }
  return {
    'replays.create': async ({ idempotency_key: key, ...request }) =>
      context.idempotency.once<Made>(
        'replays.create',
        key,
        () => request,
        (remember) => createReplay(context, request, remember),
      ),
    'replays.list': async ({ cursor, limit }) => {
      const page = await store.replays({ cursor: cursor ?? null, limit })
      const items = page.items.map(async (replay) => replayView(replay, await store.replayCounts(replay.id)))
      return { items: await Promise.all(items), next_cursor: page.nextCursor }
    },
    'replays.get': async ({ id }) => replayView(await required(id), await store.replayCounts(id)),
    'replays.cancel': async ({ id }) => {
      const replay = await required(id)
      if ((await store.replayCounts(id)).waiting === 0) throw new AppError('replay_ended', { id })
      const cancelled = { ...replay, cancelledAt: replay.cancelledAt ?? clock.now() }
      await dispatcher.cancelReplay(cancelled)
      const counts = await store.replayCounts(id)
      push.publish({ kind: 'replay', replay: cancelled, counts })
      return replayView(cancelled, counts)
    },
  }
}

/** Where a replay goes, checked. */
type Goal = { readonly url: string; readonly destination: null } | { readonly destination: Destination }

/** A request that is to be sent, and what it was made from. */
interface Planned {
  readonly source: ReplaySource
  readonly signed: SignedSource
}

async function createReplay(
  context: EngineContext,
  input: ReplayInput,
  remember: Remember<Made>,
): Promise<Made> {
  checkOptions(input)
  const goal = goalOf(context, input.to)
  const wish = signingWish(context, input, goal.destination)
  const planned = plan(input, await sourcesOf(context, input), wish)
  const now = context.clock.now()
  const first = Math.min(...planned.map(({ source }) => source.recordedAt))
  const offsets = planned.map(({ source }) => (input.as_recorded === true ? source.recordedAt - first : 0))
  const replay: Replay = {
    id: context.ids.uuid() as ReplayId,
    createdAt: now,
    mode: input.mode,
    to: goal.destination === null ? { url: goal.url } : { destinationId: goal.destination.id },
    rate: input.rate ?? null,
    asRecorded: input.as_recorded ?? false,
    spanMs: Math.max(...offsets),
    total: planned.length,
    cancelledAt: null,
  }
  const deliveries = planned.map((one, index) => ({
    ...makeDelivery(context, replay, goal, one, input.new_id ?? false),
    notBefore: replay.asRecorded ? now + (offsets[index] ?? 0) : null,
  }))
  const made: Made = { id: replay.id, deliveries: deliveries.map(({ id }) => ({ id })) }
  await accept(context, replay, deliveries, [
    ...remember(() => made),
    { kind: 'replay.put', replay },
    ...deliveries.flatMap((delivery, index) => changesOf(goal, input, delivery, planned[index])),
  ])
  return made
}

/** Writes everything in one transaction and queues it. */
async function accept(
  { store, dispatcher, push }: EngineContext,
  replay: Replay,
  deliveries: readonly DeliveryIn<'pending'>[],
  changes: readonly Change[],
): Promise<void> {
  const announce = (): void => {
    for (const delivery of deliveries) push.publish({ kind: 'delivery', delivery })
  }
  await store.commit(changes, (durable) => {
    // Chained before the deliveries are claimed: it is told first that they are there. Whoever commits is told of errors.
    durable.then(announce, () => undefined)
    dispatcher.acceptedReplay(replay, deliveries)
  })
}

function checkOptions({ capture_ids: captures, delivery_ids: deliveries, ...input }: ReplayInput): void {
  if ((captures === undefined) === (deliveries === undefined))
    throw invalidField('capture_ids', 'name either captures (capture_ids) or deliveries (delivery_ids)')
  if (input.rate !== undefined && input.as_recorded === true)
    throw invalidField('rate', 'is either a number per second or as recorded, not both')
  if (input.mode === 'resigned') return
  const signing = (['secret', 'provider', 'new_id'] as const).find(
    (name) => input[name] !== undefined && input[name] !== false,
  )
  if (signing !== undefined)
    throw invalidField(signing, 'goes with re-signing only: an exact replay is sent as it was')
}

function goalOf({ store }: EngineContext, { url, destination_id: id }: ReplayInput['to']): Goal {
  if (url !== undefined && id === undefined) {
    const problem = urlProblem(url)
    if (problem !== null) throw invalidField('to.url', problem)
    return { url, destination: null }
  }
  if (id === undefined || url !== undefined)
    throw invalidField('to', 'needs either a url or a destination_id')
  return { destination: requireDestination(store, id) }
}

function signingWish(
  context: EngineContext,
  input: ReplayInput,
  destination: Destination | null,
): SigningWish {
  const provider = input.provider === undefined ? undefined : namedProvider(input.provider)
  const own = destination === null ? undefined : providerOfWorkspace(context.store, destination.workspace_id)
  const signer = provider ?? own
  const { secret } = input
  if (secret !== undefined && signer !== undefined) {
    const problem = signer.secret.check(secret)
    if (problem !== null) throw invalidField('secret', problem)
  }
  return {
    mode: input.mode,
    scheme: signer?.scheme ?? null,
    secret: secret === undefined ? null : context.secrets.seal(secret),
    destination,
  }
}

function namedProvider(id: string): Provider {
  const provider = findProvider(id)
  if (provider === undefined)
    throw invalidField('provider', `there is no provider "${id}"; \`hookbench providers\` lists them`)
  return provider
}

function sourcesOf(context: EngineContext, input: ReplayInput): Promise<(ReplaySource | Unreplayable)[]> {
  return input.capture_ids === undefined
    ? deliverySources(context, input.delivery_ids ?? [])
    : captureSources(context, input.capture_ids)
}

/** @throws AppError `conflict` that names everything that can't be replayed */
function plan(
  input: ReplayInput,
  sources: readonly (ReplaySource | Unreplayable)[],
  wish: SigningWish,
): Planned[] {
  const list = input.capture_ids === undefined ? 'delivery_ids' : 'capture_ids'
  const problems: FieldError[] = []
  const planned: Planned[] = []
  for (const [index, source] of sources.entries()) {
    const signed = 'problem' in source ? source : signedSource(source, wish)
    const problem =
      'problem' in signed ? signed.problem : optionProblem(input, source as ReplaySource, signed)
    if (problem !== null) problems.push({ path: `${list}.${index}`, message: problem })
    else planned.push({ source: source as ReplaySource, signed: signed as SignedSource })
  }
  if (problems.length === 0) return planned
  const shown = problems.slice(0, 3).map(({ message }) => message)
  const more = problems.length > 3 ? ` So it is with ${problems.length - 3} more.` : ''
  throw new AppError(
    'conflict',
    { message: `${shown.join(' ')}${more} Nothing was replayed.` },
    { fields: problems },
  )
}

/** What the options ask of a source that it doesn't have. */
function optionProblem(input: ReplayInput, source: ReplaySource, { signing }: SignedSource): string | null {
  if (input.keep_target === true && source.target === null)
    return `The request of ${source.name} has no path to keep.`
  if (input.secret === undefined || signing === null) return null
  if (readSecretKey(signing.scheme, input.secret) !== null) return null
  return `The secret has not the form that signing ${source.name} needs.`
}

function makeDelivery(
  { ids }: EngineContext,
  replay: Replay,
  goal: Goal,
  { source, signed }: Planned,
  newId: boolean,
): DeliveryIn<'pending'> {
  const id = ids.uuid() as DeliveryId
  const { destination } = goal
  return {
    id,
    eventId: source.eventId,
    eventType: signed.eventType,
    workspaceId: destination?.workspace_id ?? source.workspaceId,
    destinationId: destination?.id ?? null,
    destinationName: goal.destination === null ? nameOfUrl(goal.url) : goal.destination.name,
    subscriptionId: null,
    origin: 'replay',
    source: source.reference,
    replayId: replay.id,
    replayMode: replay.mode,
    notBefore: null,
    providerDeliveryId: newId ? id : (signed.providerDeliveryId ?? id),
    createdAt: replay.createdAt,
    updatedAt: replay.createdAt,
    attemptCount: 0,
    policyAttempts: 0,
    responseStatus: null,
    durationMs: null,
    lastFailure: null,
    status: 'pending',
  }
}

function changesOf(
  goal: Goal,
  input: ReplayInput,
  delivery: DeliveryIn<'pending'>,
  planned: Planned | undefined,
): Change[] {
  if (planned === undefined) return []
  const { source, signed } = planned
  const request: ReplayRequest = {
    method: source.method,
    url: goal.destination === null ? goal.url : null,
    target: input.keep_target === true ? source.target : null,
    headers: signed.headers,
    signing: signed.signing,
    secretPaths: signed.secretPaths,
  }
  return [
    { kind: 'delivery.insert', delivery },
    {
      kind: 'replay-request.insert',
      deliveryId: delivery.id,
      source: source.reference,
      request,
      body: source.body,
    },
  ]
}
