import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput, OperationName, OperationOutput } from '../../src-shared/api/contract.ts'
import type { Cancellation } from '../../src-shared/api/operation.ts'

/**
 * Operations that screens call directly and whose failures stand in their form. Only these: what the screens may do is
 * written down here, not in them.
 */
const callable = [
  'destinations.create',
  'destinations.change',
  'destinations.delete',
  'destinations.rotate-secret',
  'destinations.resume',
  'subscriptions.create',
  'subscriptions.change',
  'subscriptions.delete',
  'endpoints.create',
  'endpoints.change',
  'endpoints.delete',
  'schemes.create',
  'schemes.change',
  'schemes.delete',
  'workspaces.create',
  'workspaces.change',
  'workspaces.delete',
  'contacts.create',
  'contacts.change',
  'contacts.delete',
  'contacts.list',
  'contacts.get',
  'events.raise',
  'events.preview',
  'events.list',
  'events.get',
  'providers.sample',
  'providers.snippet',
  'settings.change',
  'storage.get',
  'statistics.get',
  'deliveries.list',
  'deliveries.body',
  'captures.list',
  'captures.body',
  'captures.diagnosis',
  'captures.import',
  'captures.export',
  'captures.export-list',
  'deliveries.export',
  'deliveries.export-list',
  'configuration.export-encrypted',
  'configuration.import',
] as const satisfies readonly OperationName[]
export type CallableName = (typeof callable)[number]

/** @throws AppError with the fields it concerns */
export type Call = <Name extends CallableName>(
  name: Name,
  input: OperationInput<Name>,
  cancelled?: Cancellation,
) => Promise<OperationOutput<Name>>

export function createCall(client: Client): Call {
  return (name, input, cancelled) => client.call(name, input, cancelled)
}
