import { Plus } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import type { Contact } from '../../../src-shared/model/contact.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import { visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { ContactDialog } from './contact-dialog.tsx'
import { raised } from './raised.ts'

/** The contacts of the workspace; every change raises the event that it is. */
export function Contacts({ id }: { readonly id: string | null }) {
  const { workspace, provider } = useWorkspace()
  const [, go] = useLocation()
  const { contacts, cursor, problem, more } = useContacts(
    provider?.has_contacts === true ? workspace?.id : undefined,
  )
  const editing = contacts?.find((contact) => contact._id === id) ?? null
  if (provider !== null && !provider.has_contacts)
    return (
      <div className="page">
        <ScreenHead title="Contacts" />
        <Empty title={`${provider.name} has no contacts here`}>Send its events from the Events screen.</Empty>
      </div>
    )
  return (
    <div className="page">
      <ScreenHead title="Contacts">
        <Button
          look="primary"
          icon={<Plus size={14} aria-hidden="true" />}
          onClick={() => go('/contacts/new')}
        >
          New contact
        </Button>
      </ScreenHead>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {contacts === null ? (
        <Loading />
      ) : contacts.length === 0 ? (
        <Empty title="No contact yet">A new one raises contact.created.</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Contact</th>
              <th>Attributes</th>
              <th>Subscribed</th>
              <th>Changed</th>
              <th>
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {contacts.map((contact) => (
              <ContactLine key={contact._id} contact={contact} />
            ))}
          </tbody>
        </table>
      )}
      {cursor !== null && <Button onClick={more}>Show more</Button>}
      {(editing !== null || id === 'new') && (
        <ContactDialog key={id} contact={editing} onClose={() => go('/contacts')} />
      )}
    </div>
  )
}

const pageSize = 100

function useContacts(workspace: Contact['workspace_uuid'] | undefined) {
  const { call, feed } = useServices()
  const [contacts, setContacts] = useState<readonly Contact[] | null>(null)
  const [cursor, setCursor] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const read = useCallback(
    async (from: string | null) => {
      if (workspace === undefined) return
      try {
        const page = await call('contacts.list', {
          workspace,
          limit: pageSize,
          ...(from === null ? {} : { cursor: from }),
        })
        setContacts((before) => (from === null ? page.items : [...(before ?? []), ...page.items]))
        setCursor(page.next_cursor)
        setProblem(null)
      } catch (error) {
        setProblem(sentenceOf(error))
      }
    },
    [call, workspace],
  )
  useEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- it is set when the answer is there
    void read(null)
    return feed.listen((messages) => {
      const stale = messages.some(
        (message) =>
          message.event === 'reset' ||
          (message.event === 'configuration' && ['contacts', 'all'].includes(message.data.of)),
      )
      if (stale) void read(null)
    })
  }, [read, feed])
  return { contacts, cursor, problem, more: () => void read(cursor) }
}

function ContactLine({ contact }: { readonly contact: Contact }) {
  const { call, toasts } = useServices()
  const [, go] = useLocation()
  const [deleting, setDeleting] = useState(false)
  const { _id: id, workspace_uuid: workspace, subscribed } = contact
  const email = contact.attributes['email']
  const toggle = (): void => {
    call('contacts.change', { id, workspace_id: workspace, subscribed: !subscribed }).then(
      (done) => raised(toasts, go, done),
      (error: unknown) => toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }),
    )
  }
  return (
    <tr>
      <td>
        <button type="button" className="link strong" onClick={() => go(`/contacts/${id}`)}>
          {visible(typeof email === 'string' ? email : id)}
        </button>
        <div className="help mono">{id}</div>
      </td>
      <td className="cell-attributes">
        {Object.entries(contact.attributes)
          .filter(([name]) => name !== 'email')
          .map(([name, value]) => (
            <span key={name} className="attribute">
              <span className="quiet">{visible(name)}</span>{' '}
              <Captured>{typeof value === 'string' ? value : JSON.stringify(value)}</Captured>
            </span>
          ))}
      </td>
      <td>{subscribed ? 'yes' : 'no'}</td>
      <td>
        <Time at={contact.updated_at} />
      </td>
      <td className="row-menu">
        <Menu
          label={`Actions for ${visible(id)}`}
          items={[
            { label: 'Edit', run: () => go(`/contacts/${id}`) },
            { label: subscribed ? 'Unsubscribe' : 'Subscribe', run: toggle },
            { label: 'Delete', danger: true, run: () => setDeleting(true) },
          ]}
        />
        {deleting && (
          <Confirm
            title={`Delete ${visible(id)}?`}
            action="Delete the contact"
            onClose={() => setDeleting(false)}
            onConfirm={() =>
              call('contacts.delete', { id, workspace }).then((done) => {
                raised(toasts, go, done)
                return null
              }, sentenceOf)
            }
          >
            <p>This raises contact.deleted.</p>
          </Confirm>
        )}
      </td>
    </tr>
  )
}
