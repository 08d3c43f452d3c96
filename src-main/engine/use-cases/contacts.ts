import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { Contact } from '../../../src-shared/model/contact.ts'
import type { ContactId, EventId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { JsonObject, JsonValue } from '../../../src-shared/model/json.ts'
import { createExclusive } from '../exclusive.ts'
import type { Change } from '../store.ts'
import { invalidField, type EngineContext } from './context.ts'
import { iso } from '../iso-time.ts'
import { providerOfWorkspace, requireWorkspace } from './lookup.ts'
import {
  acceptEvent,
  checkDepth,
  deliveryReferences,
  isSubscribable,
  makeEvent,
  matchSubscriptions,
  targetsOf,
} from './raise-event.ts'

type ContactHandlers = Pick<
  Handlers,
  'contacts.list' | 'contacts.create' | 'contacts.get' | 'contacts.change' | 'contacts.delete'
>

/** What a save changed; keys are dotted paths, as in the provider's payloads. */
export interface ContactChange {
  readonly type: string
  readonly before: JsonObject
  readonly after: JsonObject
}

/** The fields of a contact that count as its content, as dotted paths. */
function fieldsOf(contact: Contact): Map<string, JsonValue> {
  const fields = new Map<string, JsonValue>([
    ['subscribed', contact.subscribed],
    ['provider', contact.provider],
  ])
  for (const [name, value] of Object.entries(contact.attributes)) fields.set(`attributes.${name}`, value)
  return fields
}

/**
 * The event that a change of a contact is, with what differs; null when nothing does. Pure.
 * A change of `subscribed` is `contact.subscribed` or `contact.unsubscribed`, whatever else was saved with it.
 */
export function contactChange(before: Contact | null, after: Contact | null): ContactChange | null {
  const old = before === null ? new Map<string, JsonValue>() : fieldsOf(before)
  const next = after === null ? new Map<string, JsonValue>() : fieldsOf(after)
  const changes: { before: JsonObject; after: JsonObject } = { before: {}, after: {} }
  for (const path of new Set([...old.keys(), ...next.keys()])) {
    if (JSON.stringify(old.get(path)) === JSON.stringify(next.get(path))) continue
    if (old.has(path)) changes.before[path] = old.get(path) ?? null
    if (next.has(path)) changes.after[path] = next.get(path) ?? null
  }
  if (before === null) return { type: 'contact.created', ...changes }
  if (after === null) return { type: 'contact.deleted', ...changes }
  if (Object.keys(changes.before).length === 0 && Object.keys(changes.after).length === 0) return null
  if (before.subscribed === after.subscribed) return { type: 'contact.updated', ...changes }
  return { type: after.subscribed ? 'contact.subscribed' : 'contact.unsubscribed', ...changes }
}

/** A contact's times as its provider writes them: without milliseconds, with an offset. */
function payloadContact(contact: Contact): JsonObject {
  const offset = (time: string): string => time.replace(/(\.\d+)?Z$/, '+00:00')
  return { ...contact, created_at: offset(contact.created_at), updated_at: offset(contact.updated_at) }
}

function requireContactWorkspace(context: EngineContext, id: WorkspaceId): void {
  const workspace = requireWorkspace(context.store, id)
  if (providerOfWorkspace(context.store, id).contactEvent === null) {
    throw invalidField(
      'workspace_id',
      `workspace ${workspace.name} is one of ${workspace.provider}, which has no contacts here`,
    )
  }
}

/** The contact, in the given workspace or in whichever has it. */
async function requireContact(
  context: EngineContext,
  id: ContactId,
  workspaceId: WorkspaceId | undefined,
): Promise<Contact> {
  const candidates =
    workspaceId === undefined
      ? context.store.workspaces.list().map((w) => w.id)
      : [requireWorkspace(context.store, workspaceId).id]
  for (const candidate of candidates) {
    const contact = await context.store.contact(candidate, id)
    if (contact !== undefined) return contact
  }
  throw new AppError('contact_not_found', { id })
}

/** Writes the change of a contact together with the event that it is. */
async function saveChange(
  context: EngineContext,
  before: Contact | null,
  after: Contact | null,
  changes: readonly Change[],
): Promise<{ event_id: EventId | null; deliveries: ReturnType<typeof deliveryReferences> }> {
  const change = contactChange(before, after)
  const contact = after ?? before
  if (change === null || contact === null) return { event_id: null, deliveries: [] }
  const workspace = requireWorkspace(context.store, contact.workspace_uuid)
  const provider = providerOfWorkspace(context.store, workspace.id)
  const { contactEvent } = provider
  if (contactEvent === null) throw new Error(`${provider.id} has no contacts`)
  const event = makeEvent(context, provider, workspace, change.type, (envelope) =>
    contactEvent(envelope, payloadContact(contact), change),
  )
  const matches = matchSubscriptions(
    context.store,
    workspace.id,
    change.type,
    isSubscribable(provider, change.type),
  )
  const accepted = await acceptEvent(context, event, targetsOf(matches, 'event'), () => changes)
  return { event_id: event.id, deliveries: deliveryReferences(accepted) }
}

export function contactHandlers(context: EngineContext): ContactHandlers {
  const { store, clock, ids } = context
  // What a save changes is told by what was there before: two saves of one contact at once must not read the same.
  const saves = createExclusive()
  return {
    'contacts.list': async ({ workspace, q, cursor, limit }) => {
      requireWorkspace(store, workspace)
      const page = await store.contacts(
        { workspaceId: workspace, containing: q },
        { cursor: cursor ?? null, limit },
      )
      return { items: [...page.items], next_cursor: page.nextCursor }
    },
    'contacts.get': async ({ id, workspace }) => requireContact(context, id, workspace),
    'contacts.create': async ({ workspace_id: workspaceId, _id, attributes, subscribed, provider }) => {
      requireContactWorkspace(context, workspaceId)
      checkDepth('attributes', attributes)
      const id = _id ?? (`contact_${ids.word(16)}` as ContactId)
      return saves.run(id, async () => {
        if ((await store.contact(workspaceId, id)) !== undefined) {
          throw new AppError('conflict', { message: `There is a contact ${id} in this workspace already.` })
        }
        const now = iso(clock.now())
        const contact: Contact = {
          _id: id,
          workspace_uuid: workspaceId,
          subscribed,
          provider,
          attributes,
          created_at: now,
          updated_at: now,
        }
        return { contact, ...(await saveChange(context, null, contact, [{ kind: 'contact.put', contact }])) }
      })
    },
    'contacts.change': async ({ id, workspace_id: workspaceId, attributes, subscribed, provider }) => {
      checkDepth('attributes', attributes)
      return saves.run(id, async () => {
        const before = await requireContact(context, id, workspaceId)
        const after: Contact = {
          ...before,
          attributes:
            attributes === undefined ? before.attributes : mergeAttributes(before.attributes, attributes),
          subscribed: subscribed ?? before.subscribed,
          provider: provider === undefined ? before.provider : provider,
        }
        if (contactChange(before, after) === null) return { contact: before, event_id: null, deliveries: [] }
        const contact = { ...after, updated_at: iso(clock.now()) }
        return {
          contact,
          ...(await saveChange(context, before, contact, [{ kind: 'contact.put', contact }])),
        }
      })
    },
    'contacts.delete': async ({ id, workspace }) =>
      saves.run(id, async () => {
        const contact = await requireContact(context, id, workspace)
        const change: Change = { kind: 'contact.delete', workspaceId: contact.workspace_uuid, id }
        return saveChange(context, contact, null, [change])
      }),
  }
}

/** Given attributes over the old ones; null removes one. */
function mergeAttributes(before: JsonObject, change: JsonObject): JsonObject {
  const merged = { ...before, ...change }
  return Object.fromEntries(Object.entries(merged).filter(([name]) => change[name] !== null))
}
