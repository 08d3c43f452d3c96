import { contract, type Handlers, type OperationName } from '../../../src-shared/api/contract.ts'
import type { ConfigurationArea, PushHub } from '../push.ts'

const areas: ReadonlySet<string> = new Set<ConfigurationArea>([
  'workspaces',
  'contacts',
  'subscriptions',
  'endpoints',
  'schemes',
  'settings',
])

/** Tells listeners of every change of the configuration. Destinations, whose state changes by itself too, tell themselves. */
export function announcedChanges(handlers: Handlers, push: PushHub): Handlers {
  const wrapped = Object.entries(handlers).map(([name, handler]) => {
    const area = name.split('.', 1)[0] ?? ''
    if (!areas.has(area) || contract[name as OperationName].method === 'GET') return [name, handler] as const
    const change = handler as (input: never) => Promise<unknown>
    const announcing = async (input: never): Promise<unknown> => {
      const answer = await change(input)
      push.publish({ kind: 'configuration', of: area as ConfigurationArea, id: idOf(answer) ?? idOf(input) })
      return answer
    }
    return [name, announcing] as const
  })
  return Object.fromEntries(wrapped) as unknown as Handlers
}

/** The id of what was changed: a contact's answer holds it one level deeper. */
function idOf(value: unknown): string | null {
  const { id, contact } = value as { readonly id?: unknown; readonly contact?: { readonly _id?: unknown } }
  const found = id ?? contact?._id
  return typeof found === 'string' ? found : null
}
