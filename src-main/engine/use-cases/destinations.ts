import type {
  Destination,
  DestinationSettings,
  DestinationView,
} from '../../../src-shared/model/destination.ts'
import type { Endpoint, StoredEndpointSecret } from '../../../src-shared/model/endpoint.ts'
import type { DestinationId } from '../../../src-shared/model/ids.ts'
import { lastFour, type StoredSecret } from '../../../src-shared/model/secret.ts'
import { parseTemplate, renderUrl, TemplateError } from '../../../src-shared/template/template.ts'
import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import { rejudgeLater } from '../capture/capturing.ts'
import type { Provider } from '../providers/provider.ts'
import type { Change } from '../store.ts'
import { given, invalidField, onePage, type EngineContext } from './context.ts'
import { iso } from '../iso-time.ts'
import { providerOfWorkspace, requireDestination, requireWorkspace } from './lookup.ts'
import { keptTls } from './destination-tls.ts'
import {
  acceptEvent,
  composedPayload,
  deliveryReferences,
  eventView,
  makeEvent,
  requireSendable,
} from './raise-event.ts'

type DestinationHandlers = Pick<
  Handlers,
  | 'destinations.list'
  | 'destinations.create'
  | 'destinations.get'
  | 'destinations.change'
  | 'destinations.delete'
  | 'destinations.rotate-secret'
  | 'destinations.test'
  | 'destinations.resume'
>

const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** Headers that belong to the connection, not to the user. @see abuse-cases.md, 31 */
const connectionHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'proxy-connection',
])

function checkTemplate(path: string, source: string): void {
  try {
    parseTemplate(source)
  } catch (error) {
    if (error instanceof TemplateError) throw invalidField(path, `${error.message}.`)
    throw error
  }
}

/** What can be known of a URL before it is rendered: variables are taken as plain text. */
function checkUrlTemplate(source: string): void {
  checkTemplate('url_template', source)
  const template = parseTemplate(source.trim())
  if (template.source === '') throw invalidField('url_template', 'must not be empty')
  const first = template.parts[0]
  if (first === undefined || 'path' in first) return
  const sample = renderUrl(
    {
      ...template,
      literal: false,
      parts: template.parts.map((part) => ('text' in part ? part : { text: 'x' })),
    },
    {},
  )
  // The value isn't repeated: it may hold credentials, and an import may have it from a reference.
  if (!/^https?:\/\//i.test(sample)) {
    throw invalidField('url_template', 'must start with http:// or https:// (or with a variable)')
  }
  if (!URL.canParse(sample)) throw invalidField('url_template', 'is not a URL')
}

/** Everything about a destination's settings that the schema can't say. @throws AppError `invalid_input` */
export function checkDestination(provider: Provider, settings: DestinationSettings): void {
  if (!provider.sends)
    throw invalidField('workspace_id', `${provider.name} is for verifying only; it sends nothing.`)
  checkUrlTemplate(settings.url_template)
  if (!provider.methods.includes(settings.method)) {
    throw invalidField(
      'method',
      `${provider.name} sends ${provider.methods.join(', ')}, not "${settings.method}"`,
    )
  }
  settings.headers_template.forEach(({ name, value }, index) => {
    const path = `headers_template.${index}`
    if (!tokenPattern.test(name)) throw invalidField(`${path}.name`, `"${name}" is not a header name`)
    const lower = name.toLowerCase()
    if (connectionHeaders.has(lower))
      throw invalidField(`${path}.name`, `${name} is set by the connection and can't be set here`)
    if (provider.reservedHeaders.includes(lower)) {
      throw invalidField(`${path}.name`, `${name} is set by ${provider.name} and can't be replaced`)
    }
    checkTemplate(`${path}.value`, value)
  })
  settings.query_template.forEach(({ value }, index) => checkTemplate(`query_template.${index}.value`, value))
  if (settings.body_template !== null) checkTemplate('body_template', settings.body_template)
}

/** The secret of a new or rotated destination: the given one, checked, or a generated one. */
export function chooseSecret(
  context: EngineContext,
  provider: Provider,
  wanted: string | null | undefined,
): string | null {
  if (wanted === undefined) return provider.secret.generate(context.random)
  if (wanted === null) {
    if (provider.secret.required)
      throw invalidField('secret', `${provider.name} signs every delivery; a secret is needed`)
    return null
  }
  const problem = provider.secret.check(wanted)
  if (problem !== null) throw invalidInput(problem, [{ path: 'secret', message: problem }])
  return wanted
}

export function sealSecret(context: EngineContext, secret: string | null): StoredSecret | null {
  return secret === null ? null : { sealed: context.secrets.seal(secret), last4: lastFour(secret) }
}

export function destinationView(context: EngineContext, destination: Destination): DestinationView {
  const { secret, previous_secret: previous, tls, created_at: _created, ...settings } = destination
  const health = context.store.destinationHealth(destination.id)
  const { client_key: clientKey, ...shownTls } = tls
  return {
    ...settings,
    tls: { ...shownTls, client_key_set: clientKey !== null },
    secret_set: secret !== null,
    secret_last4: secret?.last4 ?? null,
    previous_secret: previous === null ? null : { last4: previous.last4, valid_until: previous.valid_until },
    status: health.paused !== null ? 'paused' : destination.enabled ? 'active' : 'disabled',
    paused: health.paused,
    failures_in_row: health.failures_in_row,
    waiting_deliveries: context.dispatcher.queueLength(destination.id).waiting,
    production_checks: productionChecks(context, destination),
  }
}

function productionChecks(context: EngineContext, destination: Destination): string[] {
  const provider = providerOfWorkspace(context.store, destination.workspace_id)
  const rendered = renderUrl(parseTemplate(destination.url_template.trim()), {
    receiver: { url: context.receiverUrl() },
  })
  return URL.canParse(rendered) ? provider.productionChecks(new URL(rendered)) : []
}

/** What a destination starts with unless told otherwise. */
export function destinationDefaults(provider: Provider): Omit<DestinationSettings, 'name' | 'url_template'> {
  return {
    enabled: true,
    method: provider.defaultMethod,
    headers_template: [],
    query_template: [],
    body_template: null,
    timeout_seconds: provider.defaultTimeoutSeconds,
    retry_policy: null,
    concurrency: 8,
    rate_limit: null,
    follow_redirects: false,
    strict_url_rules: false,
    tls: { accept_self_signed: false, ca: null, client_certificate: null, client_key: null },
  }
}

/** A stored destination as settings: the sealed key stands for itself. */
export function settingsOf(destination: Destination): DestinationSettings {
  const {
    id: _id,
    workspace_id: _workspace,
    created_at: _created,
    secret: _secret,
    previous_secret: _previous,
    ...settings
  } = destination
  return settings
}

export function destinationHandlers(context: EngineContext): DestinationHandlers {
  const { store, clock, push } = context
  const put = async (destination: Destination, more: readonly Change[] = []): Promise<void> => {
    await store.commit([{ kind: 'destination.put', destination }, ...more])
    push.publish({ kind: 'destination', destinationId: destination.id, change: 'changed' })
    context.dispatcher.wake()
  }
  return {
    'destinations.list': async ({ workspace }) => {
      if (workspace !== undefined) requireWorkspace(store, workspace)
      const all = store.destinations
        .list()
        .filter((d) => workspace === undefined || d.workspace_id === workspace)
      return onePage(all.map((destination) => destinationView(context, destination)))
    },
    'destinations.get': async ({ id }) => destinationView(context, requireDestination(store, id)),
    'destinations.create': async (input) => createDestination(context, input),
    'destinations.change': async ({ id, secret, ...wanted }) => {
      const before = requireDestination(store, id)
      const provider = providerOfWorkspace(store, before.workspace_id)
      const tls = wanted.tls === undefined ? before.tls : keptTls(context, wanted.tls, before.tls)
      const settings: DestinationSettings = { ...settingsOf(before), ...given(wanted), tls }
      checkDestination(provider, settings)
      const stored =
        secret === undefined ? before.secret : sealSecret(context, chooseSecret(context, provider, secret))
      const destination: Destination = { ...before, ...settings, secret: stored }
      await put(destination)
      if (secret !== undefined) rejudgeFollowers(context, id)
      return destinationView(context, destination)
    },
    'destinations.delete': async ({ id }) => {
      const destination = requireDestination(store, id)
      const reason = { code: 'destination_deleted', message: 'destination deleted' }
      const failed = await context.dispatcher.deleting([id], reason, (ended) =>
        store.commit([...ended, ...removalOf(context, destination)]),
      )
      push.publish({ kind: 'destination', destinationId: id, change: 'changed' })
      return { failed_deliveries: failed }
    },
    'destinations.rotate-secret': async ({ id, secret, keep_previous_seconds: keepSeconds }) => {
      const before = requireDestination(store, id)
      const provider = providerOfWorkspace(store, before.workspace_id)
      const chosen = chooseSecret(context, provider, secret)
      const validUntil = iso(clock.now() + keepSeconds * 1000)
      const previous =
        before.secret === null || keepSeconds === 0 ? null : { ...before.secret, valid_until: validUntil }
      const destination: Destination = {
        ...before,
        secret: sealSecret(context, chosen),
        previous_secret: previous,
      }
      await put(destination)
      rejudgeFollowers(context, id)
      return { ...destinationView(context, destination), secret: chosen }
    },
    'destinations.test': async ({ id }) => {
      const destination = requireDestination(store, id)
      requireSendable(store, destination)
      const workspace = requireWorkspace(store, destination.workspace_id)
      const provider = providerOfWorkspace(store, workspace.id)
      const type = provider.testEventType ?? provider.events[0]?.type ?? 'test'
      const event = makeEvent(
        context,
        provider,
        workspace,
        type,
        composedPayload(context, provider, undefined),
      )
      const accepted = await acceptEvent(context, event, [
        { destination, subscriptionId: null, origin: 'test' },
      ])
      return { event: eventView(event), deliveries: deliveryReferences(accepted) }
    },
    'destinations.resume': async ({ id }) => {
      const destination = requireDestination(store, id)
      const { paused } = store.destinationHealth(id)
      if (paused === null) {
        throw new AppError('destination_not_paused', {
          id,
          status: destination.enabled ? 'active' : 'disabled',
        })
      }
      await put(destination, [
        { kind: 'destination.health', id, health: { failures_in_row: 0, paused: null } },
      ])
      return destinationView(context, destination)
    },
  }
}

/** Captures that could not be checked without the destination's secret are judged again. */
function rejudgeFollowers(context: EngineContext, id: DestinationId): void {
  for (const endpoint of context.store.endpoints.list().filter((e) => e.destination_id === id)) {
    rejudgeLater(context, endpoint)
  }
}

/** What goes with a destination. What waits for it is the dispatcher's to end. */
export function removalOf(context: EngineContext, destination: Destination): Change[] {
  const { store } = context
  const { id } = destination
  const subscriptions = store.subscriptions.list().filter((s) => s.destination_id === id)
  const followers = store.endpoints.list().filter((endpoint) => endpoint.destination_id === id)
  return [
    ...subscriptions.map((s): Change => ({ kind: 'subscription.delete', id: s.id })),
    ...followers.map((e): Change => ({
      kind: 'endpoint.put',
      endpoint: unfollowed(context, e, destination),
    })),
    { kind: 'destination.delete', id },
  ]
}

/** An endpoint that followed a destination keeps scheme and secrets as its own: captures stay verifiable. */
export function unfollowed(context: EngineContext, endpoint: Endpoint, destination: Destination): Endpoint {
  const { secret, previous_secret: previous, name } = destination
  const kept: StoredEndpointSecret[] = []
  if (secret !== null) kept.push({ ...secret, name, previous: false, valid_until: null })
  if (previous !== null) kept.push({ ...previous, name: `${name} (previous)`, previous: true })
  const provider = endpoint.provider ?? requireWorkspace(context.store, destination.workspace_id).provider
  // The first secret is the one that verifies.
  return { ...endpoint, destination_id: null, provider, secrets: [...kept, ...endpoint.secrets] }
}

async function createDestination(
  context: EngineContext,
  { workspace_id: workspaceId, secret, ...input }: Parameters<DestinationHandlers['destinations.create']>[0],
): Promise<DestinationView & { secret: string | null }> {
  requireWorkspace(context.store, workspaceId)
  const provider = providerOfWorkspace(context.store, workspaceId)
  const settings: DestinationSettings = {
    ...destinationDefaults(provider),
    ...given(input),
    name: input.name,
    url_template: input.url_template,
  }
  checkDestination(provider, settings)
  const chosen = chooseSecret(context, provider, secret)
  const destination: Destination = {
    ...settings,
    tls: keptTls(context, settings.tls, null),
    id: context.ids.uuid() as DestinationId,
    workspace_id: workspaceId,
    created_at: iso(context.clock.now()),
    secret: sealSecret(context, chosen),
    previous_secret: null,
  }
  await context.store.commit([{ kind: 'destination.put', destination }])
  context.push.publish({ kind: 'destination', destinationId: destination.id, change: 'changed' })
  return { ...destinationView(context, destination), secret: chosen }
}
