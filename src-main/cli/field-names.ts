import { sentenceOfFields, type AppError } from '../../src-shared/errors.ts'

/** What the user typed (an option, an argument) by the API's field that it became. */
export type FieldNames = Readonly<Record<string, string>>

/** The same in most commands; a command states only what differs in it. */
const usual: FieldNames = {
  _id: '--id',
  answer: '--respond',
  'answer.body': '--respond-body',
  'answer.headers': '--respond-header',
  attributes: '--attribute',
  body_template: '--body',
  concurrency: '--concurrency',
  data: '--data',
  delivery_id: '--delivery',
  destination_id: '--destination',
  endpoint: '--endpoint',
  event: '--event',
  event_type: '--type',
  event_types: '--events',
  cursor: '--cursor',
  headers_template: '--header',
  id: '<id>',
  method: '--method',
  name: '--name',
  provider: '--provider',
  query_template: '--query',
  rate_limit: '--rate',
  requests: '<file>',
  q: '--search',
  replay: '--replay',
  retry_policy: '--retry-delays',
  secret: '--secret',
  secrets: '--secret',
  slug: '--slug',
  source_capture: '--source-capture',
  source_delivery: '--source-delivery',
  timeout_seconds: '--timeout',
  tls: '--cert and --key',
  'tls.ca': '--ca',
  'tls.client_certificate': '--cert',
  'tls.client_key': '--key',
  type: '<event>',
  url_template: '--url',
  workspace: '--workspace',
  workspace_id: '--workspace',
}

/** `headers_template.0.name` is what `headers_template` is: the longest part from the front that has a name counts. */
function nameOf(path: string, own: FieldNames): string {
  const parts = path.split('.')
  for (let length = parts.length; length > 0; length -= 1) {
    const front = parts.slice(0, length).join('.')
    const name = own[front] ?? usual[front]
    if (name !== undefined) return name
  }
  return path
}

/** The error's sentence with the fields under the names that the user typed. Any other sentence stays as it is. */
export function sentenceForUser(error: AppError, own: FieldNames): string {
  if (error.fields.length === 0 || error.message !== sentenceOfFields(error.fields)) return error.message
  return sentenceOfFields(error.fields, (path) => nameOf(path, own))
}
