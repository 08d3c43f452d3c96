import { z } from 'zod'
import { contract, type OperationName } from '../../src-shared/api/contract.ts'
import { answersContent, pathParameters, type Operation } from '../../src-shared/api/operation.ts'
import { pushEventSchemas } from '../../src-shared/api/push-events.ts'
import { basePath } from './paths.ts'

/** JSON Schema as OpenAPI 3.1 takes it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: JsonSchema
  readonly style?: 'form'
  readonly explode?: boolean
}

interface OpenApiBody {
  readonly description?: string
  readonly required?: boolean
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters: readonly OpenApiParameter[]
  readonly requestBody?: OpenApiBody
  readonly responses: Readonly<Record<string, OpenApiBody | { readonly $ref: string }>>
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly description: string
    readonly license: Readonly<Record<'name' | 'identifier', string>>
  }
  readonly servers: readonly { readonly url: string }[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: Readonly<Record<string, unknown>>
}

/** The contract as an OpenAPI 3.1 document. @see https://spec.openapis.org/oas/v3.1.0 */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  const tags = new Set<string>()
  for (const [name, entry] of Object.entries(contract) as [OperationName, Operation][]) {
    const path = entry.path.replace(/:([a-z_]+)/g, '{$1}')
    const described = operationOf(name, entry)
    for (const tag of described.tags) tags.add(tag)
    paths[path] = { ...paths[path], [entry.method.toLowerCase()]: described }
  }
  paths['/stream'] = { get: streamOperation }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hookbench',
      version,
      description:
        'Everything that Hookbench can do. Requests need the token of the launch, which instance.json in the data folder holds. Errors are RFC 9457 problems.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: basePath }],
    security: [{ token: [] }],
    tags: [...tags, 'stream'].map((tag) => ({ name: tag })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Problem: {
          description: 'What went wrong. `code` is stable.',
          content: { 'application/problem+json': { schema: schemaOf(problemSchema, 'output') } },
        },
      },
    },
  }
}

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

const problems = { '4XX': { $ref: '#/components/responses/Problem' } } as const

function operationOf(name: OperationName, entry: Operation): OpenApiOperation {
  const input = schemaOf(entry.input, 'input')
  const inPath = new Set(pathParameters(entry.path))
  const hasBody = entry.method === 'POST' || entry.method === 'PATCH'
  const parameters: OpenApiParameter[] = []
  const inBody: [string, JsonSchema][] = []
  for (const [field, schema] of Object.entries(input.properties ?? {})) {
    const required = input.required?.includes(field) ?? false
    const header = entry.headers[field]
    if (inPath.has(field)) parameters.push({ name: field, in: 'path', required: true, schema })
    else if (header !== undefined) parameters.push({ name: header, in: 'header', required, schema })
    else if (hasBody) inBody.push([field, schema])
    else parameters.push(queryParameter(field, required, schema))
  }
  const required = (input.required ?? []).filter((field) => inBody.some(([known]) => known === field))
  const fields = Object.fromEntries(inBody)
  const body: JsonSchema = { type: 'object', properties: fields, required, additionalProperties: false }
  return {
    operationId: name.replace(/[.-]([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    summary: entry.summary,
    tags: [name.split('.', 1)[0] ?? name],
    parameters,
    ...(hasBody
      ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: { [entry.status]: answerOf(entry), ...problems },
  }
}

function answerOf(entry: Operation): OpenApiBody {
  if (answersContent(entry)) {
    return {
      description: 'The document',
      content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
    }
  }
  return {
    description: 'Done',
    content: { 'application/json': { schema: schemaOf(entry.output, 'output') } },
  }
}

/** A list travels as one value with commas; what a query takes as text besides its real type is left out. */
function queryParameter(name: string, required: boolean, schema: JsonSchema): OpenApiParameter {
  const forms = schema.anyOf ?? [schema]
  const list = forms.find((form) => form['type'] === 'array')
  if (list !== undefined) return { name, in: 'query', required, schema: list, style: 'form', explode: false }
  const real = forms.find((form) => form['type'] !== 'string') ?? schema
  const fallback = 'default' in schema ? { default: schema['default'] } : {}
  return { name, in: 'query', required, schema: { ...real, ...fallback } }
}

const streamOperation: OpenApiOperation = {
  operationId: 'stream',
  summary: 'Server-sent events: what happens, as it happens. An event’s id is where a later stream goes on.',
  tags: ['stream'],
  parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } }],
  responses: {
    200: {
      description: `Events ${Object.keys(pushEventSchemas).join(', ')}`,
      content: {
        'text/event-stream': {
          schema: {
            anyOf: Object.entries(pushEventSchemas).map(([event, data]) => ({
              type: 'object',
              properties: { event: { const: event }, data: schemaOf(data, 'output') },
              required: ['event', 'data'],
            })),
          },
        },
      },
    },
    ...problems,
  },
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // The format says it all; its pattern is a page long.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  return described as JsonSchema
}
