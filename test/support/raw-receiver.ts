import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { TlsOptions } from 'node:tls'

/** What a script sees of one connection. */
export interface RawConnection {
  readonly socket: Socket
  /** All that came so far. */
  received(): Buffer
  /** Waits for the next whole request (head, and body by Content-Length) and gives its bytes. */
  nextRequest(): Promise<Buffer>
}

/** A receiver that speaks bytes: what it answers, and when, is the test's own. */
export interface RawReceiver extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly connections: readonly RawConnection[]
  /** Requests that came whole, over all connections. */
  readonly requests: readonly Buffer[]
}

interface RawReceiverOptions {
  readonly tls?: TlsOptions
  /** Address of loopback to listen on; 127.0.0.1 when absent. */
  readonly host?: string
}

function wholeRequestLength(bytes: Buffer): number | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const head = bytes.toString('latin1', 0, headEnd)
  const bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  const total = headEnd + 4 + bodyBytes
  return bytes.length >= total ? total : null
}

function rawConnection(socket: Socket, requests: Buffer[]): RawConnection {
  let all = Buffer.alloc(0)
  let start = 0
  let waiting: ((request: Buffer) => void) | null = null
  const ready: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    all = Buffer.concat([all, chunk])
    for (;;) {
      const length = wholeRequestLength(all.subarray(start))
      if (length === null) return
      const request = all.subarray(start, start + length)
      start += length
      requests.push(request)
      if (waiting === null) ready.push(request)
      else waiting(request)
      waiting = null
    }
  })
  return {
    socket,
    received: () => all,
    nextRequest: () => {
      const next = ready.shift()
      if (next !== undefined) return Promise.resolve(next)
      return new Promise((resolve) => {
        waiting = resolve
      })
    },
  }
}

/** Starts a raw receiver on loopback that runs `script` for each connection. Closed by `await using`. */
export async function startRawReceiver(
  script: (connection: RawConnection) => unknown,
  options: RawReceiverOptions = {},
): Promise<RawReceiver> {
  const connections: RawConnection[] = []
  const sockets = new Set<Socket>()
  const requests: Buffer[] = []
  const accept = (socket: Socket): void => {
    const connection = rawConnection(socket, requests)
    connections.push(connection)
    void script(connection)
  }
  const server: Server =
    options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept)
  // Also those whose TLS never completes.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined))
  server.on('tlsClientError', () => undefined)
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port')
  const { port } = address
  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    connections,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A script that answers each request of a connection with the same bytes. */
export function always(answer: string): (connection: RawConnection) => Promise<void> {
  return async (connection) => {
    for (;;) {
      await connection.nextRequest()
      connection.socket.write(answer, 'latin1')
    }
  }
}

/** An HTTP answer with a length. */
export function answer(status: string, body = '', headers = ''): string {
  return `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
