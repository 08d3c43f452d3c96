import { endWith, handOver, plainAnswer, whenWritten } from './answer.ts'
import type { CaptureContext } from './capture-context.ts'
import type { Connection } from './connection.ts'
import { maskCookieBytes } from './cookie-mask.ts'
import type { Exchange } from './exchange.ts'
import { explainParseError, type ParserError } from './parse-errors.ts'
import { excerptBytes, type ReceivedRequest } from './received-request.ts'

/** A broken request often comes in several packets; its rest is worth a short wait. */
const quietMs = 20
const longestWaitMs = 500

/**
 * Node's parser, a time-out or the socket says that no further request can be read from a connection.
 * Whatever had begun is captured once, and answered after the requests before it.
 */
export function breakConnection(connection: Connection, error: ParserError, context: CaptureContext): void {
  if (connection.givenUp) {
    if (error.rawPacket !== undefined) connection.onMore?.(error.rawPacket)
    return
  }
  const { incomplete, tap } = connection
  if (error.rawPacket !== undefined) tap.broken(error.rawPacket, connection.complete)
  const { reason, status, gone } = explainParseError(error, tap.bytes())
  if (gone && incomplete !== null) {
    // A reset connection takes no answer; one that the sender only ended on its side does.
    incomplete.breakOff(connection.socket.writable ? plainAnswer(status, reason) : null)
  } else if (tap.totalBytes === 0) {
    // Nothing had begun: an idle connection ended.
    connection.socket.destroy()
  } else if (incomplete === null || incomplete.surrender()) {
    connection.giveUp()
    void captureMalformed(connection, incomplete, { reason, status, gone }, context)
  }
}

async function captureMalformed(
  connection: Connection,
  incomplete: Exchange | null,
  { reason, status, gone }: { reason: string; status: number; gone: boolean },
  context: CaptureContext,
): Promise<void> {
  const receivedAtMs = context.clock.now()
  // The turn is fixed before waiting: nothing is added behind a connection that was given up.
  const turn = incomplete === null ? whenWritten(connection.last?.response ?? null) : incomplete.turn()
  if (!gone) await rest(connection)
  const body = maskCookieBytes(connection.tap.bytes(), context.maskCookie)
  const bodyBytes = Math.max(connection.tap.totalBytes, body.byteLength)
  const received: ReceivedRequest =
    incomplete === null
      ? {
          receivedAtMs,
          remoteAddress: connection.remoteAddress,
          ...firstLine(body),
          headers: [],
          trailers: [],
          body,
          bodyBytes,
          truncated: connection.tap.totalBytes > excerptBytes,
          malformed: { reason },
          aborted: gone,
        }
      : incomplete.receivedWith(body, bodyBytes, reason)
  const answered = gone && !connection.socket.writable ? undefined : plainAnswer(status, reason)
  const answer = await handOver(received, context, answered)
  await turn
  endWith(connection.socket, answer)
}

/** Gathers what follows the packet that the parser stopped at, until the sender pauses or enough is kept. */
function rest(connection: Connection): Promise<void> {
  const { socket, tap } = connection
  if (socket.readableEnded || tap.totalBytes >= excerptBytes) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(quiet)
      clearTimeout(longest)
      connection.onMore = null
      socket.off('close', done)
      resolve()
    }
    let packets = 0
    // A timer of a late turn comes before what has been waiting in the socket: that is read first.
    const quiet = setTimeout(() => {
      const seen = packets
      setImmediate(() => seen === packets && done())
    }, quietMs)
    const longest = setTimeout(done, longestWaitMs)
    connection.onMore = (packet) => {
      packets += 1
      if (packet !== null) tap.append(packet)
      if (packet === null || tap.totalBytes >= excerptBytes) done()
      else quiet.refresh()
    }
    socket.once('close', done)
  })
}

const requestLine = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+) +([^\r\n]*?)(?: +HTTP\/(\d+\.\d+))? *(?:[\r\n]|$)/

/** Method, target and version as far as the first line looks like a request's. */
function firstLine(raw: Uint8Array): Pick<ReceivedRequest, 'method' | 'target' | 'httpVersion'> {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1')
  const [, method = '', target = '', httpVersion = ''] = requestLine.exec(text) ?? []
  return { method, target, httpVersion }
}
