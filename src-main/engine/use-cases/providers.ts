import type { Handlers } from '../../../src-shared/api/contract.ts'
import { providers, requireProvider } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { receiverSnippet } from '../snippets/snippet.ts'
import type { EngineContext } from './context.ts'
import { checkEventType } from './raise-event.ts'

type ProviderHandlers = Pick<Handlers, 'providers.list' | 'providers.sample' | 'providers.snippet'>

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

export function providerHandlers(context: EngineContext): ProviderHandlers {
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
    'providers.snippet': async ({ id, language }) => receiverSnippet(requireProvider(id), language),
  }
}
