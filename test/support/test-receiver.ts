import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Header } from '../../src-shared/model/header.ts'

/** A request as it came, headers in their order and case. */
export interface RecordedRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly Header[]
  readonly body: Buffer
}

export interface Reply {
  readonly status: number
  readonly headers?: readonly Header[]
  readonly body?: string | Uint8Array
}

/** A real receiver on loopback. Answers 200 unless told otherwise. Closed by `await using`. */
export interface TestReceiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  /** How many requests wait for an answer just now, and the most there have been at once. */
  readonly waiting: number
  readonly mostWaiting: number
  /** Answers one request so; several calls queue up. */
  replyOnce(status: number, reply?: Omit<Reply, 'status'>): void
  /** Answers so from now on, once what {@link replyOnce} queued is used up. */
  reply(status: number, reply?: Omit<Reply, 'status'>): void
  /** Takes requests from now on and answers none. */
  neverAnswer(): void
  /** Answers those that wait, and all that come from now on. */
  answerAll(status?: number): void
  /** Resolves with the requests as soon as there are `count`. */
  received(count: number): Promise<readonly RecordedRequest[]>
  close(): Promise<void>
}

export async function startTestReceiver(): Promise<TestReceiver> {
  const requests: RecordedRequest[] = []
  const once: Reply[] = []
  const open: ServerResponse[] = []
  const waiting = new Set<() => void>()
  let usual: Reply | null = { status: 200 }
  let mostWaiting = 0
  const send = (response: ServerResponse, { status, headers = [], body = '' }: Reply): void => {
    response.writeHead(status, headers.flat())
    response.end(body)
  }
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (body === null) return
      const { method = '', url: target = '', rawHeaders } = request
      requests.push({ method, target, headers: pairs(rawHeaders), body })
      const reply = once.shift() ?? usual
      if (reply === null) {
        open.push(response)
        mostWaiting = Math.max(mostWaiting, open.length)
        response.on('close', () => open.splice(open.indexOf(response), 1))
      } else {
        send(response, reply)
      }
      for (const check of waiting) check()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get waiting() {
      return open.length
    },
    get mostWaiting() {
      return mostWaiting
    },
    replyOnce: (status, reply = {}) => once.push({ status, ...reply }),
    reply(status, reply = {}) {
      usual = { status, ...reply }
    },
    neverAnswer() {
      usual = null
    },
    answerAll(status = 200) {
      usual = { status }
      for (const response of open.slice()) send(response, usual)
    },
    received: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (requests.length < count) return
          waiting.delete(check)
          resolve(requests)
        }
        waiting.add(check)
        check()
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** null when the client went away before the end. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return null
  }
  return Buffer.concat(chunks)
}

function pairs(raw: readonly string[]): Header[] {
  const headers: Header[] = []
  for (let index = 0; index < raw.length; index += 2) headers.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return headers
}
