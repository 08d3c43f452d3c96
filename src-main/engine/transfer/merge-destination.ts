import type { DestinationEntry } from '../../../src-shared/model/config-file.ts'
import type { Destination, DestinationSettings } from '../../../src-shared/model/destination.ts'
import type { DestinationId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { StoredSecret } from '../../../src-shared/model/secret.ts'
import type { Provider } from '../providers/provider.ts'
import { given, type EngineContext } from '../use-cases/context.ts'
import { iso } from '../iso-time.ts'
import { checkSealedTls } from '../use-cases/destination-tls.ts'
import {
  checkDestination,
  chooseSecret,
  destinationDefaults,
  sealSecret,
  settingsOf,
} from '../use-cases/destinations.ts'
import type { Path } from './located.ts'
import type { Problems } from './read-config.ts'
import { isSensitiveHeader, isSensitiveParameter } from './sensitive.ts'
import type { SecretValues } from './secret-values.ts'

/** What an import works with at one place of its file. */
export interface MergePlace {
  readonly context: EngineContext
  readonly values: SecretValues
  readonly problems: Problems
  readonly path: Path
}

/** The destination as the file wants it; its problems are noted. */
export function mergedDestination(
  place: MergePlace,
  entry: DestinationEntry,
  before: Destination | undefined,
  { workspaceId, provider }: { readonly workspaceId: WorkspaceId; readonly provider: Provider },
): Destination {
  const { context, problems, path } = place
  const base = before === undefined ? destinationDefaults(provider) : settingsOf(before)
  const settings: DestinationSettings = {
    ...base,
    name: entry.name,
    url_template: urlOf(place, entry, before),
    ...given(ownFields(entry)),
    headers_template: namedOf(place, entry.headers_template, base.headers_template, isSensitiveHeader),
    query_template: namedOf(place, entry.query_template, base.query_template, isSensitiveParameter),
    tls: tlsOf(place, entry, base.tls),
  }
  // Without a URL there is that problem already.
  if (settings.url_template !== '') problems.within(path, () => checkDestination(provider, settings))
  return {
    ...settings,
    id: before?.id ?? (context.ids.uuid() as DestinationId),
    workspace_id: workspaceId,
    created_at: before?.created_at ?? iso(context.clock.now()),
    secret: secretOf(place, entry, before, provider),
    previous_secret: previousOf(place, entry, before),
  }
}

/** The settings that hold no secret. */
function ownFields(entry: DestinationEntry): Partial<DestinationSettings> {
  const {
    number: _number,
    secret: _secret,
    previous_secret: _previous,
    subscriptions: _subscriptions,
    tls: _tls,
    url_template: _url,
    headers_template: _headers,
    query_template: _query,
    ...settings
  } = entry
  return settings as Partial<DestinationSettings>
}

function urlOf(
  { values, problems, path }: MergePlace,
  entry: DestinationEntry,
  before?: Destination,
): string {
  if (entry.url_template !== undefined) return values.textOf(entry.url_template, before?.url_template) ?? ''
  if (before === undefined) problems.add([...path, 'url_template'], 'is missing')
  return before?.url_template ?? ''
}

type Named = DestinationSettings['headers_template']

/** A value that isn't known here stays what the header of that name, and of that rank among its namesakes, has. */
function namedOf(
  { values }: MergePlace,
  entries: Named | undefined,
  before: Named,
  isSensitive: (name: string) => boolean,
): Named {
  if (entries === undefined) return before
  const seen = new Map<string, number>()
  return entries.map(({ name, value }) => {
    if (!isSensitive(name)) return { name, value }
    const key = name.toLowerCase()
    const rank = seen.get(key) ?? 0
    seen.set(key, rank + 1)
    const kept = before.filter((candidate) => candidate.name.toLowerCase() === key)[rank]
    return { name, value: values.textOf(value, kept?.value) ?? '' }
  })
}

type Tls = DestinationSettings['tls']

/** With the client's key sealed; its problems are noted. */
function tlsOf(place: MergePlace, { tls: wanted }: DestinationEntry, before: Tls): Tls {
  if (wanted === undefined) return before
  const { client_key: key, ...rest } = wanted
  const sealed = sealedKeyOf(place, key, before.client_key)
  const tls = { ...before, ...given(rest), client_key: sealed ?? null }
  // A missing key is refused later, with all that is missing.
  if (sealed !== undefined) place.problems.within(place.path, () => checkSealedTls(place.context, tls))
  return tls
}

/** @returns undefined when its value is missing */
function sealedKeyOf(
  { context, values }: MergePlace,
  wanted: Tls['client_key'] | undefined,
  before: Tls['client_key'],
): Tls['client_key'] | undefined {
  if (wanted === undefined || wanted === null) return wanted === null ? null : before
  const text = values.textOf(wanted, before === null ? undefined : keep)
  if (text === keep || (before !== null && text === context.secrets.open(before))) return before
  return text === undefined ? undefined : context.secrets.seal(text)
}

const keep = Symbol('keep')

function secretOf(
  { context, values, problems, path }: MergePlace,
  { secret: wanted }: DestinationEntry,
  before: Destination | undefined,
  provider: Provider,
): StoredSecret | null {
  const stored = before?.secret ?? null
  if (wanted === undefined && before !== undefined) return stored
  const text = wanted ? values.textOf(wanted, stored === null ? undefined : keep) : wanted
  if (text === keep || (wanted && text === undefined)) return stored
  if (stored !== null && text === context.secrets.open(stored.sealed)) return stored
  return problems.within(path, () => sealSecret(context, chooseSecret(context, provider, text))) ?? null
}

function previousOf(
  { context, values }: MergePlace,
  { previous_secret: wanted }: DestinationEntry,
  before: Destination | undefined,
): Destination['previous_secret'] {
  const stored = before?.previous_secret ?? null
  if (wanted === undefined || wanted === null) return wanted === null ? null : stored
  const text = values.textOf(wanted.value, stored === null ? undefined : keep)
  const valid_until = wanted.valid_until
  if (stored !== null && (text === keep || text === context.secrets.open(stored.sealed)))
    return { ...stored, valid_until }
  const sealed = typeof text === 'string' ? sealSecret(context, text) : null
  return sealed === null ? null : { ...sealed, valid_until }
}
