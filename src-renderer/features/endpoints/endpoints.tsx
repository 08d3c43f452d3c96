import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import { inboxSlug, type EndpointView } from '../../../src-shared/model/endpoint.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Key } from '../../parts/button.tsx'
import { CopyText } from '../../parts/copy.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import type { MenuItem } from '../../parts/menu.tsx'
import { Empty } from '../../parts/notice.tsx'
import { HttpStatus } from '../../parts/status.tsx'
import { Captured } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { count, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { TableList, useSearched } from '../table-list.tsx'
import { EndpointDialog } from './endpoint-dialog.tsx'

const words = ['endpoint', 'endpoints'] as const

const columns: readonly Column<EndpointView>[] = [
  { id: 'name', label: 'Name', cell: (row) => <Captured className="strong">{row.name}</Captured> },
  {
    id: 'address',
    label: 'Address',
    cell: (row) => (
      <span onClick={(event) => event.stopPropagation()}>
        <CopyText text={row.url} label={`Copy the address of ${visible(row.name)}`} />
      </span>
    ),
  },
  { id: 'checks', label: 'Checks signatures with', cell: (row) => <ChecksWith endpoint={row} /> },
  { id: 'answer', label: 'Answers', cell: (row) => <HttpStatus of={row.answer.status} /> },
]

/** The addresses of the receiver. */
export function Endpoints({ id }: { readonly id: string | null }) {
  const { configuration } = useServices()
  const [, go] = useLocation()
  const { query } = useFilter([])
  const endpoints = useStore(configuration, (state) => state.endpoints)
  const rows = useSearched(endpoints, (each) => `${each.name} ${each.url}`)
  const [deleting, setDeleting] = useState<readonly EndpointView[]>([])
  const editing = endpoints.find((endpoint) => endpoint.id === id) ?? null
  const open = (to: string): void => go(address(`/endpoints/${to}`, { ...query, at: to }))
  const actions = ({ id: each, slug }: EndpointView): readonly (MenuItem | null)[] => [
    { label: 'Edit', key: 'e', run: () => open(each) },
    { label: 'Show captures', key: 'd', run: () => go(address('/captures', { endpoint: each })) },
    isInbox({ slug })
      ? null
      : {
          label: 'Delete',
          key: '#',
          danger: true,
          run: () => setDeleting(endpoints.filter((endpoint) => endpoint.id === each)),
        },
  ]
  return (
    <section className="list-pane" aria-label="Endpoints">
      <ScreenHead title="Endpoints">
        <Link href={address('/endpoints/new', query)} className="button primary">
          <Plus size={14} aria-hidden="true" />
          New endpoint
          <Key>n</Key>
        </Link>
      </ScreenHead>
      <TableList<EndpointView>
        layout="endpoints"
        group="Endpoints"
        of={words}
        columns={columns}
        rows={rows}
        nameOf={({ name }) => visible(name)}
        onOpen={open}
        actions={actions}
        search="Search endpoints"
        empty={<Empty title="No endpoint yet" />}
        create={{ label: 'New endpoint', run: () => go(address('/endpoints/new', query)) }}
        bulk={[
          {
            label: 'Delete',
            danger: true,
            run: (ids) => setDeleting(endpoints.filter((each) => ids.includes(each.id) && !isInbox(each))),
          },
        ]}
      />
      {deleting.length > 0 && <DeleteEndpoints endpoints={deleting} onClose={() => setDeleting([])} />}
      {(editing !== null || id === 'new') && (
        <EndpointDialog key={id} endpoint={editing} onClose={() => go(address('/endpoints', query))} />
      )}
    </section>
  )
}

/** The inbox takes what belongs to no other endpoint: it can't be deleted. */
function isInbox({ slug }: Pick<EndpointView, 'slug'>): boolean {
  return slug === inboxSlug
}

function DeleteEndpoints({
  endpoints,
  onClose,
}: {
  readonly endpoints: readonly EndpointView[]
  readonly onClose: () => void
}) {
  const { call, bulk } = useServices()
  const one = endpoints.length === 1 ? endpoints[0] : undefined
  const remove = (id: string) => call('endpoints.delete', { id })
  const confirmed = async (): Promise<string | null> => {
    if (one !== undefined) return remove(one.id).then(() => null, sentenceOf)
    void bulk(
      endpoints.map(({ id }) => id),
      { of: words, doing: 'Deleting', done: 'deleted', each: remove },
    )
    return null
  }
  const [its, address] = one === undefined ? ['Their', 'their addresses'] : ['Its', 'its address']
  return (
    <Confirm
      title={`Delete ${one === undefined ? count(endpoints.length, ...words) : visible(one.name)}?`}
      action={one === undefined ? 'Delete the endpoints' : 'Delete the endpoint'}
      onClose={onClose}
      onConfirm={confirmed}
    >
      <p>
        {its} captures stay. What comes to {address} goes to the inbox from then on.
      </p>
    </Confirm>
  )
}

function ChecksWith({ endpoint }: { readonly endpoint: EndpointView }) {
  const { configuration } = useServices()
  const { destinations, providers, schemes } = useStore(configuration)
  const followed = destinations.find(({ id }) => id === endpoint.destination_id)
  if (followed !== undefined) return <>the secrets of {visible(followed.name)}</>
  const scheme =
    schemes.find(({ id }) => id === endpoint.scheme_id)?.name ??
    providers.find(({ id }) => id === endpoint.provider)?.name
  if (scheme === undefined) return <span className="quiet">nothing</span>
  const secrets = endpoint.secrets.map(({ last4 }) => `…${last4}`).join(', ')
  return (
    <>
      {visible(scheme)}
      {secrets === '' ? ', no secret yet' : `, ${secrets}`}
    </>
  )
}
