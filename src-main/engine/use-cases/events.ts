import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
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

type EventHandlers = Pick<Handlers, 'events.raise' | 'events.preview' | 'events.list' | 'events.get'>

type Raised = Awaited<ReturnType<Handlers['events.raise']>>

export function eventHandlers(context: EngineContext): EventHandlers {
  const { store } = context
  return {
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
