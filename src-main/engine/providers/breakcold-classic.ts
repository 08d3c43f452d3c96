import { breakcoldClassicPayload } from './breakcold-classic-samples.ts'
import { catalogue, defaultTimeoutSeconds, leadWith, methodsWithBody, scheme } from './common.ts'
import type { Provider } from './provider.ts'
import { checkSecretText } from './secrets.ts'

const secretPrefix = 'wh_'

/** Breakcold's former API: no signature; the receiver compares the secret that travels in the body. */
export const breakcoldClassic: Provider = {
  id: 'breakcold-classic',
  name: 'Breakcold Classic',
  contactEvent: null,
  sends: true,
  documentation: 'The webhook pages of the documentation of Breakcold’s former API.',
  assumptions: [
    'Whether the 10 failures that pause an endpoint must be in a row is not documented: in a row is assumed.',
    'The names of message and campaign-email events are not documented: they are not in the catalogue, but can be sent as any event.',
    'Only lead.create has a documented sample: the payloads of the other events are assumed.',
    'No User-Agent is documented: Breakcold-Classic-Webhooks/1.0 is assumed.',
    'No timeout is documented: 10 s is assumed.',
  ],
  events: catalogue({
    'lead.create': 'A lead was created',
    'lead.update': 'A lead changed',
    'lead.delete': 'A lead was deleted',
    'lead.status.update': 'The status of a lead changed',
    'lead.list.update': 'The lists of a lead changed',
    'lead.tags.update': 'The tags of a lead changed',
    'lead.track': 'Tracking of a lead was switched on',
    'lead.task.create': 'A task of a lead was created',
    'lead.task.update': 'A task of a lead changed',
    'lead.task.delete': 'A task of a lead was deleted',
    'lead.note.create': 'A note on a lead was created',
    'lead.note.update': 'A note on a lead changed',
    'lead.note.delete': 'A note on a lead was deleted',
    'campaign.create': 'A campaign was created',
    'campaign.update': 'A campaign changed',
    'campaign.delete': 'A campaign was deleted',
    'list.create': 'A list was created',
    'list.update': 'A list changed',
    'list.delete': 'A list was deleted',
    'status.create': 'A status was created',
    'status.update': 'A status changed',
    'status.delete': 'A status was deleted',
    'tag.create': 'A tag was created',
    'tag.update': 'A tag changed',
    'tag.delete': 'A tag was deleted',
  }),
  openCatalogue: false,
  testEventType: null,
  eventIdKind: 'uuid',
  scheme: scheme({ kind: 'shared_secret', secret_path: 'secret', event_path: 'event' }),
  headerOrder: [],
  secret: {
    required: true,
    generate: (random) => secretPrefix + Buffer.from(random.bytes(16)).toString('hex'),
    check: checkSecretText,
  },
  methods: ['POST'],
  defaultMethod: 'POST',
  methodsWithBody,
  reservedHeaders: [],
  retry: { delaysSeconds: [], jitter: 0 },
  pauseAfterFailures: 10,
  defaultTimeoutSeconds,
  headers: () => [['User-Agent', 'Breakcold-Classic-Webhooks/1.0']],
  productionChecks: () => [],
  // The secret is put in its place when the request is signed.
  sample: (type, context) => ({
    id_space: context.workspace.uuid,
    event: type,
    secret: '',
    payload: breakcoldClassicPayload(type, context),
  }),
  setEnvelope: (payload, { type, workspace }) => {
    const secret = Object.hasOwn(payload, 'secret') ? (payload.secret ?? '') : ''
    return leadWith({ id_space: workspace.uuid, event: type, secret }, payload)
  },
}
