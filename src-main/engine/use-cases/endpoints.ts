import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import {
  inboxSlug,
  type Endpoint,
  type EndpointSettings,
  type EndpointView,
  type StoredEndpointSecret,
} from '../../../src-shared/model/endpoint.ts'
import type { EndpointId } from '../../../src-shared/model/ids.ts'
import { lastFour } from '../../../src-shared/model/secret.ts'
import { findProvider, requireProvider } from '../providers/index.ts'
import { verifyingSecretProblem } from '../providers/secrets.ts'
import { rejudgeLater } from '../capture/capturing.ts'
import { given, invalidField, onePage, type EngineContext } from './context.ts'
import { requireDestination, requireEndpoint, requireWorkspace } from './lookup.ts'

type EndpointHandlers = Pick<
  Handlers,
  'endpoints.list' | 'endpoints.create' | 'endpoints.get' | 'endpoints.change' | 'endpoints.delete'
>

export function endpointView(context: EngineContext, endpoint: Endpoint): EndpointView {
  const { secrets, answer, ...rest } = endpoint
  return {
    ...rest,
    answer: { ...answer, headers: answer.headers.map(([name, value]): [string, string] => [name, value]) },
    url: `${context.receiverUrl()}/in/${endpoint.slug}`,
    secrets: secrets.map(({ name, last4, previous, valid_until: validUntil }) => ({
      name,
      last4,
      previous,
      valid_until: validUntil,
    })),
  }
}

function check(context: EngineContext, endpoint: Omit<Endpoint, 'secrets'>): void {
  const { store } = context
  const taken = store.endpoints
    .list()
    .find((other) => other.slug === endpoint.slug && other.id !== endpoint.id)
  if (taken !== undefined)
    throw invalidField('slug', `"${endpoint.slug}" is taken by the endpoint ${taken.name}`)
  if (endpoint.workspace_id !== null) requireWorkspace(store, endpoint.workspace_id)
  if (endpoint.destination_id !== null) requireDestination(store, endpoint.destination_id)
  if (endpoint.scheme_id !== null && store.schemes.get(endpoint.scheme_id) === undefined) {
    throw new AppError('scheme_not_found', { id: endpoint.scheme_id })
  }
  checkEndpointForm(endpoint)
}

/** What says how long the answer is and how the connection goes on. @see RFC 9110, 7.6.1 */
const ownHeaders = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
])

/** What is right or wrong about an endpoint whatever else there is. @throws AppError */
export function checkEndpointForm(endpoint: Pick<Endpoint, 'provider' | 'answer' | 'forward_to'>): void {
  if (endpoint.provider !== null) requireProvider(endpoint.provider)
  for (const [index, [name, value]] of endpoint.answer.headers.entries()) {
    const path = `answer.headers.${index}`
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw invalidField(path, 'the name is no header name')
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw invalidField(path, 'the value holds a line break or another character that no header can carry')
    if (ownHeaders.has(name.toLowerCase())) throw invalidField(path, `${name} is set by the receiver itself`)
  }
  endpoint.forward_to.forEach((url, index) => {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw invalidField(`forward_to.${index}`, 'must be an http or https URL')
  })
}

/** An own scheme says nothing of the form; a provider's is the endpoint's, else that of what it follows. */
function checkSecrets(
  { store }: EngineContext,
  { scheme_id, provider: own, destination_id, workspace_id }: Omit<Endpoint, 'secrets'>,
  secrets: EndpointSettings['secrets'],
): void {
  if (scheme_id !== null) return
  const followed = destination_id === null ? undefined : store.destinations.get(destination_id)
  const workspaceId = followed?.workspace_id ?? workspace_id
  const workspace = workspaceId === null ? undefined : store.workspaces.get(workspaceId)
  const provider = findProvider(own ?? workspace?.provider ?? '')
  if (provider === undefined) return
  for (const [index, { value }] of secrets.entries()) {
    const problem = verifyingSecretProblem(provider, value)
    if (problem !== null) throw invalidField(`secrets.${index}.value`, problem)
  }
}

function sealSecrets(context: EngineContext, secrets: EndpointSettings['secrets']): StoredEndpointSecret[] {
  return secrets.map(({ name, value, previous, valid_until: validUntil }) => ({
    name,
    sealed: context.secrets.seal(value),
    last4: lastFour(value),
    previous,
    valid_until: validUntil,
  }))
}

/** A slug that is free, made of the name. */
function slugFor(context: EngineContext, name: string): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 50) || 'endpoint'
  const taken = new Set(context.store.endpoints.list().map((endpoint) => endpoint.slug))
  let slug = base
  for (let number = 2; taken.has(slug); number += 1) slug = `${base}-${number}`
  return slug
}

export function endpointHandlers(context: EngineContext): EndpointHandlers {
  const { store, ids } = context
  const put = async (endpoint: Endpoint): Promise<EndpointView> => {
    await store.commit([{ kind: 'endpoint.put', endpoint }])
    rejudgeLater(context, endpoint)
    return endpointView(context, endpoint)
  }
  return {
    'endpoints.list': async () =>
      onePage(store.endpoints.list().map((endpoint) => endpointView(context, endpoint))),
    'endpoints.get': async ({ id }) => endpointView(context, requireEndpoint(store, id)),
    'endpoints.create': async ({ secrets, name, ...input }) => {
      const settings = {
        slug: slugFor(context, name),
        workspace_id: null,
        provider: null,
        scheme_id: null,
        destination_id: null,
        forward_to: [],
        answer: { status: 200, headers: [], body: '' },
        retention: null,
        ...given(input),
      }
      const endpoint = { ...settings, name, id: ids.uuid() as EndpointId }
      check(context, endpoint)
      checkSecrets(context, endpoint, secrets ?? [])
      return put({ ...endpoint, secrets: sealSecrets(context, secrets ?? []) })
    },
    'endpoints.change': async ({ id, secrets, ...change }) => {
      const before = requireEndpoint(store, id)
      const endpoint: Endpoint = { ...before, ...given(change) }
      if (before.slug === inboxSlug && endpoint.slug !== inboxSlug)
        throw invalidField('slug', 'the inbox keeps its name: it takes what belongs to no other endpoint')
      check(context, endpoint)
      checkSecrets(context, endpoint, secrets ?? [])
      return put({
        ...endpoint,
        secrets: secrets === undefined ? before.secrets : sealSecrets(context, secrets),
      })
    },
    'endpoints.delete': async ({ id }) => {
      if (requireEndpoint(store, id).slug === inboxSlug) {
        throw new AppError('conflict', {
          message: "The inbox can't be deleted: it takes what belongs to no other endpoint.",
        })
      }
      await store.commit([{ kind: 'endpoint.delete', id }])
      return {}
    },
  }
}
