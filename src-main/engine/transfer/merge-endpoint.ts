import type { EndpointEntry } from '../../../src-shared/model/config-file.ts'
import type { Endpoint, StoredEndpointSecret } from '../../../src-shared/model/endpoint.ts'
import type { DestinationId, EndpointId, SchemeId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import { lastFour } from '../../../src-shared/model/secret.ts'
import { given } from '../use-cases/context.ts'
import { checkEndpointForm } from '../use-cases/endpoints.ts'
import type { MergePlace } from './merge-destination.ts'
import { isSensitiveHeader } from './sensitive.ts'

/** Ids of what an endpoint refers to; undefined: as it was. */
export interface EndpointReferences {
  readonly workspace_id: WorkspaceId | null | undefined
  readonly scheme_id: SchemeId | null | undefined
  readonly destination_id: DestinationId | null | undefined
}

const nothingSet = {
  workspace_id: null,
  provider: null,
  scheme_id: null,
  destination_id: null,
  forward_to: [],
  secrets: [],
  answer: { status: 200, headers: [], body: '' },
  retention: null,
} as const

/** The endpoint as the file wants it; its problems are noted. */
export function mergedEndpoint(
  place: MergePlace,
  entry: EndpointEntry,
  before: Endpoint | undefined,
  references: EndpointReferences,
): Endpoint {
  const { context, problems, path, values } = place
  const {
    workspace: _workspace,
    scheme: _scheme,
    destination: _destination,
    secrets,
    forward_to: forwardTo,
    answer,
    ...fields
  } = entry
  const base = before ?? { ...nothingSet, id: context.ids.uuid() as EndpointId, name: entry.slug }
  const endpoint: Endpoint = {
    ...base,
    ...given(fields),
    ...given(references),
    slug: entry.slug,
    forward_to: forwardTo?.map(
      (url, index) => values.textOf(url, base.forward_to[index]) ?? 'http://missing',
    ) ?? [...base.forward_to],
    answer: answer === undefined ? base.answer : answerOf(place, answer, base.answer),
    secrets: secrets === undefined ? base.secrets : secretsOf(place, secrets, base.secrets),
  }
  problems.within(path, () => checkEndpointForm(endpoint))
  return endpoint
}

function answerOf(
  { values }: MergePlace,
  wanted: NonNullable<EndpointEntry['answer']>,
  before: Endpoint['answer'],
): Endpoint['answer'] {
  const seen = new Map<string, number>()
  const headers = wanted.headers.map(([name, value]): [string, string] => {
    if (!isSensitiveHeader(name)) return [name, value]
    const key = name.toLowerCase()
    const rank = seen.get(key) ?? 0
    seen.set(key, rank + 1)
    const kept = before.headers.filter(([other]) => other.toLowerCase() === key)[rank]
    return [name, values.textOf(value, kept?.[1]) ?? '']
  })
  return { ...wanted, headers }
}

const keep = Symbol('keep')

/** A value that isn't known here stays that of the secret of this name and rank. */
function secretsOf(
  { context, values }: MergePlace,
  wanted: NonNullable<EndpointEntry['secrets']>,
  before: Endpoint['secrets'],
): StoredEndpointSecret[] {
  const seen = new Map<string, number>()
  return wanted.map(({ name, value, previous, valid_until }) => {
    const rank = seen.get(name) ?? 0
    seen.set(name, rank + 1)
    const stored = before.filter((candidate) => candidate.name === name)[rank]
    const text = values.textOf(value, stored === undefined ? undefined : keep)
    const own = { name, previous, valid_until }
    if (stored !== undefined && (text === keep || text === context.secrets.open(stored.sealed)))
      return { ...own, sealed: stored.sealed, last4: stored.last4 }
    // A missing one is refused later.
    const plain = typeof text === 'string' ? text : ''
    return { ...own, sealed: context.secrets.seal(plain), last4: lastFour(plain) }
  })
}
