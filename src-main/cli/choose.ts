import type { z } from 'zod'
import type { Client } from '../../src-shared/api/client.ts'
import type { OperationOutput } from '../../src-shared/api/contract.ts'
import { AppError, invalidInput, type ErrorCode } from '../../src-shared/errors.ts'
import type { DestinationView } from '../../src-shared/model/destination.ts'
import type { Workspace } from '../../src-shared/model/workspace.ts'
import { plural } from './text.ts'

/** Things named on the command line: by id, or by a name that only one of them has. */

function choose<T extends { id: string; name: string }>(
  things: readonly T[],
  wanted: string,
  kind: string,
): T | undefined {
  const byId = things.find((thing) => thing.id === wanted)
  if (byId !== undefined) return byId
  const named = things.filter((thing) => thing.name === wanted)
  if (named.length > 1)
    throw invalidInput(
      `${plural(named.length, kind)} are called "${wanted}"; name one by its id: ${named.map(({ id }) => id).join(', ')}.`,
    )
  return named[0]
}

/** Reads an id. One that can't be an id is one that isn't there: `code`. */
export function idFrom<Id>(schema: z.ZodType<Id>, code: ErrorCode): (wanted: string) => Id {
  return (wanted) => {
    const id = schema.safeParse(wanted)
    if (!id.success) throw new AppError(code, { id: wanted })
    return id.data
  }
}

/** The workspace with this id or name; without one, the only workspace there is. */
export async function chooseWorkspace(client: Client, wanted: string | undefined): Promise<Workspace> {
  const { items } = await client.call('workspaces.list', {})
  if (wanted === undefined) {
    const [only, ...more] = items
    if (only === undefined)
      throw invalidInput('There is no workspace; make one with `hookbench workspaces add`.')
    if (more.length > 0)
      throw invalidInput(`There are ${items.length} workspaces; name one with --workspace.`)
    return only
  }
  const workspace = choose(items, wanted, 'workspace')
  if (workspace === undefined) throw new AppError('workspace_not_found', { id: wanted })
  return workspace
}

export async function chooseDestination(client: Client, wanted: string): Promise<DestinationView> {
  const { items } = await client.call('destinations.list', {})
  const destination = choose(items, wanted, 'destination')
  if (destination === undefined) throw new AppError('destination_not_found', { id: wanted })
  return destination
}

type EndpointView = OperationOutput<'endpoints.get'>

/** By id, name or slug. */
export async function chooseEndpoint(client: Client, wanted: string): Promise<EndpointView> {
  const { items } = await client.call('endpoints.list', {})
  const endpoint = items.find(({ slug }) => slug === wanted) ?? choose(items, wanted, 'endpoint')
  if (endpoint === undefined) throw new AppError('endpoint_not_found', { id: wanted })
  return endpoint
}
