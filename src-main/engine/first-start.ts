import type { Contact } from '../../src-shared/model/contact.ts'
import { inboxSlug, type Endpoint } from '../../src-shared/model/endpoint.ts'
import type { Destination } from '../../src-shared/model/destination.ts'
import type {
  ContactId,
  DestinationId,
  EndpointId,
  SubscriptionId,
  WorkspaceId,
} from '../../src-shared/model/ids.ts'
import { defaultSettings } from '../../src-shared/model/settings.ts'
import { lastFour } from '../../src-shared/model/secret.ts'
import { requireProvider } from './providers/index.ts'
import type { Change } from './store.ts'
import { type EngineContext } from './use-cases/context.ts'
import { iso } from './iso-time.ts'
import { destinationDefaults } from './use-cases/destinations.ts'

const people = [
  { email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', company: 'Analytical Engines Ltd' },
  { email: 'grace@example.com', first_name: 'Grace', last_name: 'Hopper', company: 'Compilers & Co' },
  { email: 'zoe@example.com', first_name: 'Zoë', last_name: 'Müller', company: 'Müller GmbH' },
]

/**
 * What a fresh data folder holds: the inbox, and one leadpush workspace that is ready to try. Nothing when there is
 * an inbox already.
 *
 * @see product.md, Workspaces and events
 */
export function firstStart(context: EngineContext): Change[] {
  const { ids, clock, store, random, secrets } = context
  if (store.endpoints.list().some((endpoint) => endpoint.slug === inboxSlug)) return []
  const now = iso(clock.now())
  const provider = requireProvider('leadpush')
  const workspaceId = ids.uuid() as WorkspaceId
  const destinationId = ids.uuid() as DestinationId
  const secret = provider.secret.generate(random)
  const destination: Destination = {
    ...destinationDefaults(provider),
    id: destinationId,
    workspace_id: workspaceId,
    created_at: now,
    name: 'Local receiver',
    url_template: '{{ receiver.url }}/in/sample',
    secret: { sealed: secrets.seal(secret), last4: lastFour(secret) },
    previous_secret: null,
  }
  return [
    { kind: 'settings.put', settings: defaultSettings },
    {
      kind: 'workspace.put',
      workspace: { id: workspaceId, name: 'Sample workspace', provider: provider.id },
    },
    { kind: 'destination.put', destination },
    {
      kind: 'subscription.put',
      subscription: {
        id: ids.uuid() as SubscriptionId,
        workspace_id: workspaceId,
        destination_id: destinationId,
        name: 'All contact events',
        enabled: true,
        event_types: provider.events.filter((event) => event.subscribable).map((event) => event.type),
      },
    },
    { kind: 'endpoint.put', endpoint: endpoint(context, inboxSlug, 'Inbox', null, null) },
    {
      kind: 'endpoint.put',
      endpoint: endpoint(context, 'sample', 'Sample endpoint', workspaceId, destinationId),
    },
    ...people.map((attributes, index): Change => ({
      kind: 'contact.put',
      contact: sampleContact(workspaceId, index, attributes, now),
    })),
  ]
}

function endpoint(
  context: EngineContext,
  slug: string,
  name: string,
  workspaceId: WorkspaceId | null,
  destinationId: DestinationId | null,
): Endpoint {
  return {
    id: context.ids.uuid() as EndpointId,
    slug,
    name,
    workspace_id: workspaceId,
    provider: null,
    scheme_id: null,
    destination_id: destinationId,
    forward_to: [],
    secrets: [],
    answer: { status: 200, headers: [], body: '' },
    retention: null,
  }
}

function sampleContact(
  workspaceId: WorkspaceId,
  index: number,
  attributes: Record<string, string>,
  now: string,
): Contact {
  return {
    _id: `contact_${index + 1}` as ContactId,
    workspace_uuid: workspaceId,
    subscribed: true,
    provider: null,
    attributes,
    created_at: now,
    updated_at: now,
  }
}
