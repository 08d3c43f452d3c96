import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import { inboxSlug, type EndpointView } from '../../../src-shared/model/endpoint.ts'
import { address } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { CopyText } from '../../parts/copy.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { Menu } from '../../parts/menu.tsx'
import { visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { EndpointDialog } from './endpoint-dialog.tsx'

/** The addresses of the receiver. */
export function Endpoints({ id }: { readonly id: string | null }) {
  const { configuration } = useServices()
  const [, go] = useLocation()
  const endpoints = useStore(configuration, (state) => state.endpoints)
  const editing = endpoints.find((endpoint) => endpoint.id === id) ?? null
  return (
    <div className="page">
      <ScreenHead title="Endpoints">
        <Button
          look="primary"
          icon={<Plus size={14} aria-hidden="true" />}
          onClick={() => go('/endpoints/new')}
        >
          New endpoint
        </Button>
      </ScreenHead>
      <table className="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Address</th>
            <th>Checks signatures with</th>
            <th>Answers</th>
            <th>
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {endpoints.map((endpoint) => (
            <EndpointLine key={endpoint.id} endpoint={endpoint} />
          ))}
        </tbody>
      </table>
      {(editing !== null || id === 'new') && (
        <EndpointDialog key={id} endpoint={editing} onClose={() => go('/endpoints')} />
      )}
    </div>
  )
}

function EndpointLine({ endpoint }: { readonly endpoint: EndpointView }) {
  const { call } = useServices()
  const [, go] = useLocation()
  const [deleting, setDeleting] = useState(false)
  const { id, name, slug } = endpoint
  return (
    <tr>
      <td>
        <Link href={`/endpoints/${id}`} className="strong">
          {visible(name)}
        </Link>
      </td>
      <td>
        <CopyText text={endpoint.url} label={`Copy the address of ${visible(name)}`} />
      </td>
      <td>
        <ChecksWith endpoint={endpoint} />
      </td>
      <td className="mono">{endpoint.answer.status}</td>
      <td className="row-menu">
        <Menu
          label={`Actions for ${visible(name)}`}
          items={[
            { label: 'Edit', run: () => go(`/endpoints/${id}`) },
            { label: 'Show captures', run: () => go(address('/captures', { endpoint: id })) },
            // The inbox takes what belongs to no other endpoint.
            slug === inboxSlug ? null : { label: 'Delete', danger: true, run: () => setDeleting(true) },
          ]}
        />
        {deleting && (
          <Confirm
            title={`Delete ${visible(name)}?`}
            action="Delete the endpoint"
            onClose={() => setDeleting(false)}
            onConfirm={() => call('endpoints.delete', { id }).then(() => null, sentenceOf)}
          >
            <p>Its captures stay. What comes to its address goes to the inbox from then on.</p>
          </Confirm>
        )}
      </td>
    </tr>
  )
}

function ChecksWith({ endpoint }: { readonly endpoint: EndpointView }) {
  const { configuration } = useServices()
  const destinations = useStore(configuration, (state) => state.destinations)
  const providers = useStore(configuration, (state) => state.providers)
  const schemes = useStore(configuration, (state) => state.schemes)
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
