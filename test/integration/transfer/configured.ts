import type { OperationInput } from '../../../src-shared/api/contract.ts'
import type { ImportPlan } from '../../../src-shared/api/contract/transfer.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { pem } from '../../support/pem.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'

/** Values of the secrets that {@link configure} makes, by the names of their references. */
export const secretValues: Record<string, string> = {
  LEADHUB_CRM_SECRET: 'whsec_Q1JNLXNlY3JldC1vZi0zMi1ieXRlcy0xMjM0NTY3ODk=',
  LEADPUSH_CRM_SECRET: 'crm-secret-0123456789',
  LEADPUSH_CRM_PREVIOUS_SECRET: 'crm-secret-before-rotation',
  LEADPUSH_CRM_CLIENT_KEY: pem('client-key'),
  LEADPUSH_CRM_HEADER_AUTHORIZATION: 'Bearer header-token-987654',
  LEADPUSH_CRM_QUERY_API_KEY: 'query-key-13579',
  LEADPUSH_CRM_SECRET_2: 'second-crm-secret-246',
  ENDPOINT_SHOP_SECRET_MAIN: 'shop-main-secret-11',
  ENDPOINT_SHOP_SECRET_MAIN_2: 'shop-main-secret-22',
  ENDPOINT_SHOP_FORWARD_TO: 'http://user:forward-password@127.0.0.1:9/x',
  LEADPUSH_LOCAL_RECEIVER_SECRET: 'the-sample-secret-4711',
}

/** Everything that a configuration can hold, equal names among it. */
export async function configure({ call }: Pick<TestHost, 'call'>): Promise<void> {
  const s = (name: string): string => secretValues[name] ?? ''
  const { items: samples } = await call('destinations.list', {})
  for (const { id } of samples)
    await call('destinations.change', { id, secret: s('LEADPUSH_LOCAL_RECEIVER_SECRET') })
  const main = await call('workspaces.create', { name: 'Büro: "main" # 1', provider: 'leadpush' })
  const same = await call('workspaces.create', { name: 'Büro: "main" # 1', provider: 'leadpush' })
  const hub = await call('workspaces.create', { name: 'Büro: "main" # 1', provider: 'leadhub' })
  const crm = await call('destinations.create', {
    workspace_id: main.id,
    name: 'CRM',
    url_template: 'https://crm.example.com/hooks/{{ contact._id }}?v=1',
    headers_template: [
      { name: 'Authorization', value: s('LEADPUSH_CRM_HEADER_AUTHORIZATION') },
      { name: 'X-Plain', value: '${HOME} {{ event.type }}' },
      { name: 'X-Auth-User', value: '{{ contact._id }}' },
    ],
    query_template: [
      { name: 'api_key', value: s('LEADPUSH_CRM_QUERY_API_KEY') },
      { name: 'page', value: '2' },
    ],
    body_template: '{\n\t"id": "{{ contact._id }}", \n  "text": {{ event.type | json }}\n}\n\n',
    retry_policy: { delays_seconds: [1, 2.5], jitter: 0.5 },
    rate_limit: { requests: 3, per_seconds: 0.5 },
    tls: {
      accept_self_signed: true,
      ca: pem('ca'),
      client_certificate: pem('client'),
      client_key: s('LEADPUSH_CRM_CLIENT_KEY'),
    },
    secret: s('LEADPUSH_CRM_PREVIOUS_SECRET'),
  })
  await call('destinations.rotate-secret', {
    id: crm.id,
    secret: s('LEADPUSH_CRM_SECRET'),
    keep_previous_seconds: 3600,
  })
  const second = await call('destinations.create', {
    workspace_id: main.id,
    name: 'CRM',
    url_template: 'https://second.example.com/',
    enabled: false,
    secret: s('LEADPUSH_CRM_SECRET_2'),
  })
  await call('destinations.create', {
    workspace_id: hub.id,
    name: 'CRM',
    url_template: 'https://hub.example.com/',
    secret: s('LEADHUB_CRM_SECRET'),
  })
  for (const name of ['all', 'all', 'Updates only'])
    await call('subscriptions.create', {
      destination_id: crm.id,
      name,
      event_types: ['contact.updated', '*'],
    })
  const scheme = await call('schemes.create', {
    name: 'Shop',
    scheme: {
      header: 'X-Shop-Sign',
      content: ['timestamp', { literal: '.' }, 'body'],
      timestamp_header: 'X-Shop-Time',
    },
  })
  await call('endpoints.create', {
    slug: 'shop',
    name: 'Shop: yes',
    workspace_id: same.id,
    scheme_id: scheme.id,
    forward_to: ['http://127.0.0.1:9/plain', s('ENDPOINT_SHOP_FORWARD_TO')],
    secrets: [
      { name: 'main', value: s('ENDPOINT_SHOP_SECRET_MAIN') },
      {
        name: 'main',
        value: s('ENDPOINT_SHOP_SECRET_MAIN_2'),
        previous: true,
        valid_until: '2030-01-01T00:00:00Z',
      },
    ],
    answer: { status: 202, headers: [['X-A', 'b']], body: 'null' },
    retention: { max_captures: 10, max_age_days: null },
  })
  await call('endpoints.create', {
    slug: 'follower',
    name: 'on',
    workspace_id: main.id,
    destination_id: second.id,
  })
  await call('settings.change', { max_age_days: 7.5, concurrency: 12 })
}

/** A host with all of it. */
export async function startConfiguredHost(): Promise<TestHost> {
  const host = await startTestHost({ dispatch: false })
  await configure(host)
  return host
}

export async function exportText(
  { call }: Pick<TestHost, 'call'>,
  input: OperationInput<'configuration.export-encrypted'> = {},
): Promise<string> {
  const content =
    input.passphrase === undefined
      ? await call('configuration.export', input)
      : await call('configuration.export-encrypted', input)
  return Buffer.from(content.bytes).toString('utf8')
}

export async function importText(
  { call }: Pick<TestHost, 'call'>,
  text: string,
  more: Partial<OperationInput<'configuration.import'>> = {},
): Promise<ImportPlan> {
  return call('configuration.import', { text, ...more })
}

/** The plan's entries that change something, without what is empty. */
export function changesOf({ plan }: ImportPlan): unknown[] {
  return plan
    .filter(({ action }) => action !== 'unchanged')
    .map(({ action, kind, name, changes }) => ({
      action,
      kind,
      name,
      ...(changes.length > 0 ? { changes } : {}),
    }))
}

export async function refusal(work: Promise<unknown>): Promise<AppError> {
  try {
    await work
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was not refused')
}
