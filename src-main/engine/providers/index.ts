import { AppError } from '../../../src-shared/errors.ts'
import type { NamedScheme } from '../signing/read-evidence.ts'
import { breakcoldClassic } from './breakcold-classic.ts'
import { breakcold } from './breakcold.ts'
import { leadhub } from './leadhub.ts'
import { leadnest } from './leadnest.ts'
import { leadpush } from './leadpush.ts'
import { github, shopify, slack, stripe } from './presets.ts'
import type { Provider } from './provider.ts'
import { standardWebhooks } from './standard-webhooks.ts'

/** Every provider: those that Hookbench sends like, then those it only verifies. */
export const providers: readonly Provider[] = [
  leadpush,
  leadhub,
  breakcoldClassic,
  breakcold,
  leadnest,
  standardWebhooks,
  github,
  stripe,
  shopify,
  slack,
]

/** Every provider's scheme, to recognise a signature that was not expected. */
export const knownSchemes: readonly NamedScheme[] = providers.map(({ name, scheme }) => ({ name, scheme }))

/** The provider of this id, if there is one. */
export function findProvider(id: string): Provider | undefined {
  return providers.find((provider) => provider.id === id)
}

/** The provider of this id. @throws AppError `provider_not_found`. */
export function requireProvider(id: string): Provider {
  const provider = findProvider(id)
  if (provider === undefined) throw new AppError('provider_not_found', { id })
  return provider
}
