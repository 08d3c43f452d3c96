import { ServerResponse, type IncomingMessage } from 'node:http'
import { handOver, hangUp, plainAnswer, whenWritten, writeAnswer } from './answer.ts'
import type { CaptureContext } from './capture-context.ts'
import type { Connection } from './connection.ts'
import { pairHeaders } from './cookie-mask.ts'
import { excerptBytes } from './received-request.ts'

/**
 * A CONNECT request is captured like any other; no tunnel is made. Node takes its parser off the socket there
 * and offers no response, so the body that was declared is gathered here, and the connection ends with the answer.
 */
export async function captureConnect(
  connection: Connection,
  request: IncomingMessage,
  head: Buffer,
  context: CaptureContext,
): Promise<void> {
  const { socket } = connection
  const receivedAtMs = context.clock.now()
  const before = connection.last?.response ?? null
  connection.giveUp()
  socket.on('error', () => undefined)
  const declared = Number(request.headers['content-length'] ?? head.length)
  const limitBytes = context.bodyLimitBytes()
  const tooLarge = declared > limitBytes
  const wanted = tooLarge ? Math.min(excerptBytes, limitBytes) : declared
  const body = await gather(connection, head, wanted, context.requestTimeoutMs)
  const aborted = body.length < wanted
  const instead = tooLarge
    ? plainAnswer(413, `The body is larger than ${limitBytes} bytes.`)
    : aborted
      ? plainAnswer(408, 'The rest of the request did not come in time.')
      : undefined
  const answer = await handOver(
    {
      receivedAtMs,
      remoteAddress: connection.remoteAddress,
      method: request.method ?? '',
      target: request.url ?? '',
      httpVersion: request.httpVersion,
      headers: pairHeaders(request.rawHeaders, context.maskCookie),
      trailers: [],
      body,
      bodyBytes: Math.max(declared, body.length),
      truncated: aborted || tooLarge,
      malformed: null,
      aborted,
    },
    context,
    instead,
  )
  await whenWritten(before)
  if (socket.destroyed) return
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => {
    response.detachSocket(socket)
    hangUp(socket)
  })
  writeAnswer(response, answer, 'CONNECT')
}

/** The first `wanted` bytes behind the head, or what came of them before the sender ended or the time was up. */
function gather(connection: Connection, head: Buffer, wanted: number, timeoutMs: number): Promise<Buffer> {
  const { socket } = connection
  const chunks = [head]
  let bytes = head.length
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      connection.onMore = null
      socket.off('data', take)
      socket.off('close', done)
      resolve(Buffer.concat(chunks).subarray(0, wanted))
    }
    const take = (chunk: Buffer): void => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= wanted) done()
    }
    const timer = setTimeout(done, timeoutMs)
    if (bytes >= wanted || socket.readableEnded || socket.destroyed) {
      done()
      return
    }
    connection.onMore = (packet) => {
      if (packet === null) done()
    }
    socket.on('data', take)
    socket.once('close', done)
    socket.resume()
  })
}
