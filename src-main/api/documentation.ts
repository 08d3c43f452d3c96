import type { FastifyInstance } from 'fastify'
import { openApiDocument, type JsonSchema, type OpenApiDocument, type OpenApiOperation } from './openapi.ts'
import { basePath, docsPath } from './paths.ts'

/** The OpenAPI document, and a page to read it: plain HTML, for it must work under the same policy as the UI. */
export function addDocumentation(server: FastifyInstance, version: string): void {
  const document = openApiDocument(version)
  const text = JSON.stringify(document)
  const page = docsPage(document)
  server.get(`${basePath}/openapi.json`, async (_request, reply) => reply.type('application/json').send(text))
  server.get(docsPath, async (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
  server.get(`${docsPath}.css`, async (_request, reply) => reply.type('text/css; charset=utf-8').send(style))
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => escapes[character] ?? character)

function docsPage(document: OpenApiDocument): string {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = document.tags.map(({ name }) => {
    const items = all.filter(({ operation }) => operation.tags.includes(name))
    return `<section id="${name}"><h2>${name}</h2>${items.map(operationHtml).join('')}</section>`
  })
  const links = document.tags.map(({ name }) => `<a href="#${name}">${name}</a>`).join(' ')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Hookbench API</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="${docsPath}.css"></head>
<body><header><h1>Hookbench API <small>${escaped(document.info.version)}</small></h1>
<p>${escaped(document.info.description)} All paths are below <code>${basePath}</code>; the same as an
OpenAPI 3.1 document: <code>GET ${basePath}/openapi.json</code>.</p>
<pre>curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:4747${basePath}/deliveries?status=failed</pre>
<nav aria-label="Areas">${links}</nav></header><main>${sections.join('\n')}</main></body></html>`
}

interface Described {
  readonly path: string
  readonly method: string
  readonly operation: OpenApiOperation
}

function operationHtml({ path, method, operation }: Described): string {
  const parameters = operation.parameters.map(({ name, in: place, required, schema }) =>
    fieldHtml(name, schema, required, place),
  )
  const body = operation.requestBody?.content?.['application/json']?.schema
  const fields = body === undefined ? [] : fieldsHtml(body, 'body')
  const rows = [...parameters, ...fields]
  const answers = Object.entries(operation.responses).flatMap(([status, response]) =>
    'content' in response && response.content !== undefined
      ? Object.entries(response.content).map(([type, { schema }]) => answerHtml(status, type, schema))
      : [],
  )
  return `<article id="${operation.operationId}"><h3><code><b>${method.toUpperCase()}</b> ${escaped(path)}</code></h3>
<p>${escaped(operation.summary)}</p>
${rows.length === 0 ? '' : `<table><thead><tr><th>field</th><th>in</th><th>type</th></tr></thead><tbody>${rows.join('')}</tbody></table>`}
${answers.join('')}</article>`
}

function answerHtml(status: string, type: string, schema: JsonSchema): string {
  const rows = fieldsHtml(schema, '')
  const table = rows.length === 0 ? '' : `<table><tbody>${rows.join('')}</tbody></table>`
  return `<details><summary>${status} <code>${escaped(type)}</code></summary>${table || `<p>${escaped(typeText(schema))}</p>`}</details>`
}

function fieldsHtml(schema: JsonSchema, place: string): string[] {
  return Object.entries(schema.properties ?? {}).map(([name, field]) =>
    fieldHtml(name, field, schema.required?.includes(name) ?? false, place),
  )
}

function fieldHtml(name: string, schema: JsonSchema, required: boolean, place: string): string {
  const mark = required ? '' : ' <i>optional</i>'
  return `<tr><td><code>${escaped(name)}</code>${mark}</td><td>${place}</td><td>${escaped(typeText(schema))}</td></tr>`
}

/** A schema in a few words: `string`, `one of a, b`, `list of {id, name}`. */
function typeText(schema: JsonSchema, depth = 0): string {
  const { type, anyOf, properties, items, enum: values, const: value, format, default: fallback } = schema
  const suffix = fallback === undefined ? '' : `, default ${JSON.stringify(fallback)}`
  if (value !== undefined) return JSON.stringify(value)
  if (Array.isArray(values)) return `one of ${values.join(', ')}${suffix}`
  if (anyOf !== undefined)
    return [...new Set(anyOf.map((form) => typeText(form, depth)))].join(' or ') + suffix
  if (type === 'array') return `list of ${typeText((items ?? {}) as JsonSchema, depth)}${suffix}`
  if (properties !== undefined && depth < 3) {
    const inside = Object.entries(properties).map(([name, field]) => {
      const { properties: deeper } = field
      return deeper === undefined ? name : `${name}: ${typeText(field, depth + 1)}`
    })
    return `{${inside.join(', ')}}`
  }
  if (typeof type !== 'string') return 'any'
  return (typeof format === 'string' ? `${type} (${format})` : type) + suffix
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
nav{display:flex;flex-wrap:wrap;gap:.75rem}
h2{border-bottom:1px solid;margin-top:2.5rem}
h3{font-size:1rem;margin-bottom:0}
article{margin:1.5rem 0}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top;overflow-wrap:anywhere}
tr{border-bottom:1px solid #8884}
pre{overflow-x:auto}
i{opacity:.7}`
