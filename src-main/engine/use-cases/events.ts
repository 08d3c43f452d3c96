import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import { providers, requireProvider } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { parseDestinationTemplates, renderRequest } from '../dispatch/render-request.ts'
import { type EngineContext } from './context.ts'
import { providerOfWorkspace, requireWorkspace } from './lookup.ts'
import {
  acceptEvent,
  checkDepth,
  checkEventType,
  composeEvent,
  composedPayload,
  deliveryReferences,
  eventView,
  isSubscribable,
  matchSubscriptions,
  targetsOf,
  type Accepted,
} from './raise-event.ts'

type EventHandlers = Pick<
  Handlers,
  'events.raise' | 'events.preview' | 'events.list' | 'events.get' | 'providers.list' | 'providers.sample'
>

type Raised = Awaited<ReturnType<Handlers['events.raise']>>

function providerView(provider: Provider): Awaited<ReturnType<Handlers['providers.list']>>['items'][number] {
  return {
    id: provider.id,
    name: provider.name,
    sends: provider.sends,
    events: provider.events.map((event) => ({ ...event })),
    open_catalogue: provider.openCatalogue,
    test_event_type: provider.testEventType,
    scheme: provider.scheme,
    secret_required: provider.secret.required,
    has_contacts: provider.contactEvent !== null,
    methods: [...provider.methods],
    default_method: provider.defaultMethod,
    retry: { delays_seconds: [...provider.retry.delaysSeconds], jitter: provider.retry.jitter },
    pause_after_failures: provider.pauseAfterFailures,
    default_timeout_seconds: provider.defaultTimeoutSeconds,
    assumptions: [...provider.assumptions],
  }
}

export function eventHandlers(context: EngineContext): EventHandlers {
  const { store } = context
  return {
    'providers.list': async () => ({ items: providers.map(providerView) }),
    'providers.sample': async ({ id, type }) => {
      const provider = requireProvider(id)
      checkEventType(provider, type, false)
      const workspace = { uuid: context.ids.uuid(), name: 'Example Workspace' }
      const eventId = provider.eventIdKind === 'ulid' ? context.ids.ulid() : context.ids.uuid()
      return provider.sample(type, {
        eventId,
        occurredAt: context.clock.now(),
        workspace,
        random: context.random,
      })
    },
    'events.raise': async (input) => {
      const { workspace_id: workspaceId, type, data, any_event: anyEvent, idempotency_key: key } = input
      const workspace = requireWorkspace(store, workspaceId)
      const provider = providerOfWorkspace(store, workspaceId)
      checkEventType(provider, type, anyEvent ?? false)
      checkDepth('data', data)
      const payloadOf = composedPayload(context, provider, data)
      const { event, payload } = composeEvent(context, provider, workspace, type, payloadOf)
      const matches = matchSubscriptions(store, workspaceId, type, isSubscribable(provider, type))
      const targets = targetsOf(matches, 'manual')
      const answerOf = (accepted: Accepted): Raised => ({
        event: eventView(event, payload),
        deliveries: deliveryReferences(accepted),
      })
      const request = (): unknown => ({ ...input, idempotency_key: undefined })
      return context.idempotency.once<Raised>('events.raise', key, request, async (remember) =>
        answerOf(
          await acceptEvent(context, event, targets, (accepted) => remember(() => answerOf(accepted))),
        ),
      )
    },
    'events.preview': async ({ workspace_id: workspaceId, type, data, any_event: anyEvent }) => {
      const workspace = requireWorkspace(store, workspaceId)
      const provider = providerOfWorkspace(store, workspaceId)
      checkEventType(provider, type, anyEvent ?? false)
      checkDepth('data', data)
      const payloadOf = composedPayload(context, provider, data)
      const { event, payload } = composeEvent(context, provider, workspace, type, payloadOf)
      const matches = matchSubscriptions(store, workspaceId, type, isSubscribable(provider, type))
      return {
        event: { type, payload },
        deliveries: matches.map(({ subscription, destination }) => {
          const deliveryId = context.ids.uuid() as DeliveryId
          const rendered = renderRequest({
            provider,
            destination,
            templates: parseDestinationTemplates(destination),
            workspace,
            event,
            delivery: { providerDeliveryId: deliveryId, eventId: event.id, eventType: type },
            receiverUrl: context.receiverUrl(),
          })
          const shared = {
            destination_id: destination.id,
            destination_name: destination.name,
            subscription_id: subscription.id,
          }
          if ('code' in rendered)
            return { ...shared, request: null, error: { code: rendered.code, message: rendered.message } }
          const headers = rendered.headers.map(([name, value]): [string, string] => [name, value])
          const body = Buffer.from(rendered.body ?? new Uint8Array()).toString('base64')
          return {
            ...shared,
            request: { method: rendered.method, url: rendered.url, headers, body_base64: body },
            error: null,
          }
        }),
      }
    },
    'events.list': async ({ workspace, type, cursor, limit }) => {
      const page = await store.events({ workspaceId: workspace, type }, { cursor: cursor ?? null, limit })
      return { items: page.items.map((event) => eventView(event)), next_cursor: page.nextCursor }
    },
    'events.get': async ({ id }) => {
      const event = await store.event(id)
      if (event === undefined) throw new AppError('event_not_found', { id })
      return eventView(event)
    },
  }
}
