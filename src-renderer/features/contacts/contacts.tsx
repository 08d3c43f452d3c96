import { Plus } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { Contact } from '../../../src-shared/model/contact.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import type { MenuItem } from '../../parts/menu.tsx'
import { Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { count, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { usePages, type PageSource } from '../pages.ts'
import { TableList } from '../table-list.tsx'
import { ContactDialog } from './contact-dialog.tsx'
import { raised } from './raised.ts'

type ContactRow = Contact & { readonly id: string }

const nameOf = ({ _id, attributes: { email } }: Contact): string =>
  visible(typeof email === 'string' && email !== '' ? email : _id)

const columns: readonly Column<ContactRow>[] = [
  { id: 'name', label: 'Contact', cell: (row) => <Captured className="strong">{nameOf(row)}</Captured> },
  { id: 'id', label: 'Id', cell: (row) => <span className="mono quiet">{row._id}</span> },
  { id: 'attributes', label: 'Attributes', cell: (row) => <Attributes contact={row} /> },
  { id: 'subscribed', label: 'Subscribed', cell: (row) => (row.subscribed ? 'yes' : 'no') },
  { id: 'when', label: 'Changed', cell: (row) => <Time at={row.updated_at} /> },
]

/** The contacts of the workspace; every change raises the event that it is. */
export function Contacts({ id }: { readonly id: string | null }) {
  const { workspace, provider } = useWorkspace()
  if (provider !== null && !provider.has_contacts)
    return (
      <div className="page">
        <ScreenHead title="Contacts" />
        <Empty title={`${provider.name} has no contacts here`}>Send its events from the Events screen.</Empty>
      </div>
    )
  return workspace === null ? null : <ContactList key={workspace.id} workspace={workspace.id} id={id} />
}

function ContactList({
  workspace,
  id,
}: {
  readonly workspace: Contact['workspace_uuid']
  readonly id: string | null
}) {
  const { call, bulk } = useServices()
  const [, go] = useLocation()
  const { query } = useFilter([])
  const { rows, cursor, problem, loading, more } = useContacts(workspace, query['q'])
  const [deleting, setDeleting] = useState<readonly ContactRow[]>([])
  const actions = useContactActions((contact) => setDeleting([contact]))
  const open = (to: string): void =>
    go(address(`/contacts/${to}`, to === 'new' ? query : { ...query, at: to }))
  const subscribe = (ids: readonly string[], subscribed: boolean): void =>
    void bulk(ids, {
      of: words,
      doing: subscribed ? 'Subscribing' : 'Unsubscribing',
      done: subscribed ? 'subscribed' : 'unsubscribed',
      each: (each) => call('contacts.change', { id: each, workspace_id: workspace, subscribed }),
    })
  return (
    <section className="list-pane" aria-label="Contacts">
      <ScreenHead title="Contacts">
        <Button
          look="primary"
          icon={<Plus size={14} aria-hidden="true" />}
          hint="n"
          onClick={() => open('new')}
        >
          New contact
        </Button>
      </ScreenHead>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {loading ? (
        <Loading lines={12} />
      ) : (
        <TableList<ContactRow>
          layout="contacts"
          group="Contacts"
          of={words}
          columns={columns}
          rows={rows}
          nameOf={nameOf}
          onOpen={open}
          actions={actions}
          search="Search contacts"
          empty={<Empty title="No contact yet">A new one raises contact.created.</Empty>}
          more={cursor !== null}
          onEnd={more}
          create={{ label: 'New contact', run: () => open('new') }}
          bulk={[
            { label: 'Subscribe', run: (ids) => subscribe(ids, true) },
            { label: 'Unsubscribe', run: (ids) => subscribe(ids, false) },
            {
              label: 'Delete',
              danger: true,
              run: (ids) => setDeleting(rows.filter((row) => ids.includes(row.id))),
            },
          ]}
        />
      )}
      {deleting.length > 0 && <DeleteContacts contacts={deleting} onClose={() => setDeleting([])} />}
      {id !== null && (
        <OpenContact key={id} id={id} workspace={workspace} onClose={() => go(address('/contacts', query))} />
      )}
    </section>
  )
}

const words = ['contact', 'contacts'] as const

function useContacts(workspace: Contact['workspace_uuid'], q: string | undefined) {
  const { call } = useServices()
  const source = useMemo(
    (): PageSource<ContactRow> => ({
      page: async (query) => {
        const { items, next_cursor } = await call('contacts.list', {
          workspace,
          ...(q === undefined ? {} : { q }),
          ...query,
        })
        return { items: items.map((contact) => ({ ...contact, id: contact._id })), next_cursor }
      },
      isStale: (message) =>
        message.event === 'configuration' && ['contacts', 'all'].includes(message.data.of),
      again: 'all',
    }),
    [call, workspace, q],
  )
  return usePages(source)
}

function useContactActions(
  remove: (contact: ContactRow) => void,
): (contact: ContactRow) => readonly MenuItem[] {
  const { call, toasts } = useServices()
  const [, go] = useLocation()
  const { query } = useFilter([])
  return (contact) => {
    const { id, workspace_uuid: workspace_id, subscribed } = contact
    const toggle = (): void => {
      call('contacts.change', { id, workspace_id, subscribed: !subscribed }).then(
        (done) => raised(toasts, go, done),
        (error: unknown) => toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }),
      )
    }
    return [
      {
        label: 'Edit',
        key: 'e',
        run: () => go(address(`/contacts/${id}`, { ...query, at: id })),
      },
      { label: subscribed ? 'Unsubscribe' : 'Subscribe', key: 's', run: toggle },
      { label: 'Delete', key: '#', danger: true, run: () => remove(contact) },
    ]
  }
}

function Attributes({ contact }: { readonly contact: Contact }) {
  return Object.entries(contact.attributes)
    .filter(([name, value]) => name !== 'email' && value !== '')
    .map(([name, value]) => (
      <span key={name} className="attribute">
        <span className="quiet">{visible(name)}</span>{' '}
        <Captured>{typeof value === 'string' ? value : JSON.stringify(value)}</Captured>
      </span>
    ))
}

function DeleteContacts({
  contacts,
  onClose,
}: {
  readonly contacts: readonly ContactRow[]
  readonly onClose: () => void
}) {
  const { call, bulk, toasts } = useServices()
  const [, go] = useLocation()
  const [only] = contacts
  const one = contacts.length === 1 && only !== undefined ? only : null
  const remove = (contact: ContactRow) =>
    call('contacts.delete', { id: contact.id, workspace: contact.workspace_uuid })
  const confirmed = async (): Promise<string | null> => {
    if (one !== null)
      return remove(one).then((done) => {
        raised(toasts, go, done)
        return null
      }, sentenceOf)
    const byId = new Map(contacts.map((contact) => [contact.id, contact]))
    void bulk([...byId.keys()], {
      of: words,
      doing: 'Deleting',
      done: 'deleted',
      each: async (id) => {
        const contact = byId.get(id)
        if (contact !== undefined) await remove(contact)
      },
    })
    return null
  }
  return (
    <Confirm
      title={one === null ? `Delete ${count(contacts.length, ...words)}?` : `Delete ${nameOf(one)}?`}
      action={one === null ? 'Delete the contacts' : 'Delete the contact'}
      onClose={onClose}
      onConfirm={confirmed}
    >
      <p>{one === null ? 'Each raises contact.deleted.' : 'This raises contact.deleted.'}</p>
    </Confirm>
  )
}

/** The dialog of a new contact, or of one that may stand on no page that was read. */
function OpenContact({
  id,
  workspace,
  onClose,
}: {
  readonly id: string
  readonly workspace: Contact['workspace_uuid']
  readonly onClose: () => void
}) {
  const { call, toasts } = useServices()
  const [contact, setContact] = useState<Contact | null>(null)
  useEffect(() => {
    if (id === 'new') return
    let wanted = true
    call('contacts.get', { id, workspace }).then(
      (found) => wanted && setContact(found),
      (error: unknown) => {
        if (!wanted) return
        toasts.getState().show({ text: sentenceOf(error), tone: 'bad' })
        onClose()
      },
    )
    return () => {
      wanted = false
    }
    // oxlint-disable-next-line react/exhaustive-deps -- it is read once, also when the list behind it changes
  }, [call, id, workspace])
  if (id !== 'new' && contact === null) return null
  return <ContactDialog contact={contact} onClose={onClose} />
}
