import type { Header } from '../../../src-shared/model/header.ts'
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
  const obstacle = obstacleIn(request)
  if (obstacle !== null) throw unfit(program, obstacle)
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

/** Why editors would send something else than this request, or do something else besides; or null. */
function obstacleIn({ method, url, headers, body }: ClientRequest): string | null {
  if (!methods.has(method)) return `editors don't know the method ${method}`
  if (!isKept(url)) return 'editors would change its URL'
  if (headers.some(([name]) => !/^[a-z\d][\w.-]*$/i.test(name))) return 'a header has an unusual name'
  if (headers.some(isComputed)) return 'editors would compute its Authorization anew'
  const lines = body.split(/\r\n|\r|\n/)
  const at = lines.findIndex((line) => instruction.test(line))
  if (at < 0) return null
  const text = lines[at]?.trim().slice(0, 40)
  return `editors would take line ${at + 1} of the body for an instruction ("${text}")`
}

/** What begins a request wherever it stands: in a body, too. */
const methods = new Set(
  (
    'GET POST PUT DELETE PATCH HEAD OPTIONS CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK CHECKOUT ' +
    'CHECKIN REPORT MERGE MKACTIVITY MKWORKSPACE VERSION-CONTROL BASELINE-CONTROL MKCALENDAR ACL SEARCH'
  ).split(' '),
)
const otherRequests = 'GRAPHQL GRPC WS WSS WEBSOCKET SSE EVENTSOURCE MQTT MQTTS AMQP'.split(' ')

/**
 * A line that is no part of a body to one editor or another: requests and what separates them (`###`), answers, files
 * to include (`< `), programs to run (`> `, `??`), comments (`#`, `//`), variables (`@`), GraphQL.
 */
const instruction = new RegExp(
  String.raw`^\s*(#|//|/\*|\*/|@|<[\s@>%]|>[\s>{]|[?&]|\.{3}|HTTP/|(query|mutation|fragment|gql|proto|import)\b|` +
    String.raw`(${[...methods, ...otherRequests].join('|')})\s)`,
)

/** Editors take the URL for one of a browser: dot segments go, quotes are encoded, a broken escape is an error. */
function isKept(url: string): boolean {
  const target = url.replace(/^https?:\/\/[^/]+/i, '')
  try {
    const { pathname, search } = new URL(url)
    decodeURIComponent(target)
    return pathname + search === target
  } catch {
    return false
  }
}

/** Schemes beside these are instructions: `AWS …` signs anew, `Basic user password` encodes. */
function isComputed([name, value]: Header): boolean {
  return (
    /^(proxy-)?authorization$/i.test(name) && !/^(Bearer \S+|Basic [\w+/]+={0,2}|\S*)$/i.test(value.trim())
  )
}

/** What editors do to a request by themselves. */
function changes({ headers, body }: ClientRequest): string[] {
  const hasCookies = headers.some(([name, value]) => name.toLowerCase() === 'cookie' && value.includes(';'))
  return [
    ...(/\r|^\s|\s$/.test(body)
      ? [
          'Line breaks and the space around the body may change when an editor sends it: a signature breaks by that.',
        ]
      : []),
    ...(hasCookies ? ['Some editors send the first cookie only.'] : []),
  ]
}
