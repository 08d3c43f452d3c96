import { clientRequest, unfit, type ClientRequest } from './client-request.ts'
import type { RequestDocument } from './request-document.ts'

/**
 * The request as a `.http` file, which editors send: VS Code's REST Client, the JetBrains IDEs, Visual Studio, httpYac.
 * These share the form, but read lines of their own out of it, which include files and run scripts; nothing that was
 * captured gets to stand where they look for one.
 *
 * @see https://github.com/JetBrains/http-request-in-editor-spec
 * @throws AppError `conflict` for a request that the form can't hold
 */
export function httpFile(document: RequestDocument): Buffer {
  const request = clientRequest(document, program)
  const { method, url, headers, body, notes } = request
  if (headers.some(([name]) => !/^[a-z\d][\w.-]*$/i.test(name)))
    throw unfit(program, 'a header has an unusual name')
  const stray = body.split(/\r\n|\r|\n/).find((line) => !harmlessLine.test(line))
  if (stray !== undefined) throw unfit(program, 'a line of the body would be taken for an instruction')
  const lines = [
    `### ${method} ${url}`,
    ...[...notes, ...changes(request)].map((note) => `# ${note}`),
    `${method} ${url} HTTP/1.1`,
    ...headers.map(([name, value]) => (value === '' ? `${name}:` : `${name}: ${value}`)),
    ...(body === '' ? [] : ['', body]),
  ]
  return Buffer.from(`${lines.join('\n')}\n`)
}

const program = 'A .http file'

/**
 * Lines of JSON, forms, XML and prose. Others begin requests (`###`), include files (`< `), run programs (`> `, `??`),
 * are comments (`#`, `//`), set variables (`@`), or begin an answer or GraphQL.
 */
const harmlessLine = /^(?!\s*(HTTP\/|(query|mutation|fragment|gql)\b))\s*([\]{}",\w.+-]|\[|<[a-z/!?]|$)/i

/** What editors do to a body. */
function changes({ body }: ClientRequest): string[] {
  const isKept = !/\r|^\s|\s$/.test(body)
  return isKept
    ? []
    : [
        'Line breaks and the space around the body may change when an editor sends it: a signature breaks by that.',
      ]
}
