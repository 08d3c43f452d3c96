import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { AppError } from '../../src-shared/errors.ts'
import type { CaptureContext } from './capture-context.ts'
import type { Answer, ReceivedRequest } from './received-request.ts'

/** A socket that was closed with bytes unread resets the connection, and the sender loses the answer. */
const lingerMs = 1000

/** An answer of the receiver's own: one sentence. */
export function plainAnswer(status: number, sentence: string): Answer {
  return {
    status,
    headers: [['Content-Type', 'text/plain; charset=utf-8']],
    body: Buffer.from(`${sentence}\n`),
  }
}

/**
 * Gives a request to the handler and resolves with what is to be sent: its answer, or `instead` where the
 * answer isn't the handler's to choose. A handler that fails has not kept the request, so that goes first.
 */
export async function handOver(
  request: ReceivedRequest,
  context: CaptureContext,
  instead?: Answer,
): Promise<Answer> {
  if (context.work.stopped) return plainAnswer(503, 'Hookbench is closing.')
  context.work.begin()
  try {
    const answer = await context.handle(request, instead)
    return instead ?? answer
  } catch (error) {
    return failureAnswer(error, context)
  } finally {
    context.work.end()
  }
}

function failureAnswer(error: unknown, context: CaptureContext): Answer {
  if (error instanceof AppError && error.code === 'storage_unavailable')
    return plainAnswer(503, error.message)
  context.reportError(error)
  return plainAnswer(500, new AppError('internal').message)
}

/** Writes an answer through Node's response; one that can't be sent as configured becomes a 500 that says so. */
export function writeAnswer(response: ServerResponse, answer: Answer, method: string): void {
  if (response.destroyed) return
  try {
    if (answer.status < 200) throw new RangeError(`${answer.status} can't be a final status`)
    writeWith(response, answer, method)
  } catch (error) {
    const cause = error instanceof Error ? error.message : 'unknown reason'
    const sentence = `The answer that is configured in Hookbench can't be sent: ${cause}.`
    if (response.headersSent) response.destroy()
    else writeWith(response, plainAnswer(500, sentence), method)
  }
}

function writeWith(response: ServerResponse, { status, headers, body }: Answer, method: string): void {
  const flat: string[] = []
  for (const [name, value] of headers) {
    // Two lengths, or a length and chunks, would be the very malformed message that others are to be warned of.
    if (!framing.test(name)) flat.push(name, value)
  }
  const bodiless = status === 204 || status === 304
  if (!bodiless) flat.push('Content-Length', String(body.byteLength))
  response.writeHead(status, flat)
  // As latin-1 text: Node sends text together with the head, and bytes after it.
  if (bodiless || method === 'HEAD' || body.byteLength === 0) response.end()
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'), 'latin1')
}

const framing = /^(?:content-length|transfer-encoding)$/i

/** Writes an answer past Node's parser and response, where those have given the connection up, and hangs up. */
export function endWith(socket: Socket, answer: Answer): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? 'Unknown'}`,
    ...answer.headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${answer.body.byteLength}`,
    'Connection: close',
  ]
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), answer.body]))
  hangUp(socket)
}

/** Says that nothing more will come, discards what still arrives, and closes when the sender has finished. */
export function hangUp(socket: Socket): void {
  socket.end()
  if (socket.readableEnded || socket.destroyed) {
    socket.destroySoon()
    return
  }
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.once('end', () => socket.destroySoon())
  socket.resume()
}

/** Resolves when a response is on the wire and off its socket, or the connection is gone. At once for none. */
export function whenWritten(response: ServerResponse | null): Promise<void> {
  // Node sets `destroyed` with `close`, after every response.
  if (response === null || response.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    response.once('close', resolve)
  })
}

export function isWritten(response: ServerResponse): boolean {
  return response.writableFinished || response.destroyed
}
