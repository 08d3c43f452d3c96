import type { Socket } from 'node:net'

/**
 * Node's server lets its parser read the socket's handle directly, below JavaScript; a `data` listener ends
 * that and costs 13 % of the throughput. So this listens where the parser reports, in two callback slots that
 * Node itself uses (the same since Node 12). Where they are not found, it falls back to `data`.
 */
const onMessageBegin = 0
const onExecute = 5

interface ServerParser {
  [onMessageBegin]: (() => void) | null
  [onExecute]: (result: unknown) => void
  /** A copy of the packet that is being reported. */
  getCurrentBuffer(): Buffer
}

interface PacketListener {
  /** A request's first byte has been seen. Called only where {@link watchPackets} returned true. */
  begun(): void
  /** A packet was parsed without an error; `bytes` copies it, so call it only if they are wanted. */
  parsed(bytes: () => Buffer): void
}

/** Reports the packets of a server's connection. Returns whether beginnings of requests are reported too. */
export function watchPackets(socket: Socket, listener: PacketListener): boolean {
  const parser = parserOf(socket)
  if (parser === null) {
    // Added after Node's own listener: the packet has been parsed when this runs.
    socket.on('data', (packet: Buffer) => listener.parsed(() => packet))
    return false
  }
  const report = parser[onExecute]
  const copy = (): Buffer => parser.getCurrentBuffer()
  parser[onMessageBegin] = () => listener.begun()
  parser[onExecute] = (result: unknown) => {
    // First, because the report may hand the parser back to Node's pool.
    if (typeof result === 'number') listener.parsed(copy)
    report(result)
  }
  return true
}

function parserOf(socket: Socket): ServerParser | null {
  const parser: unknown = Reflect.get(socket, 'parser')
  return isKnownParser(parser) ? parser : null
}

function isKnownParser(parser: unknown): parser is ServerParser {
  if (typeof parser !== 'object' || parser === null) return false
  return (
    typeof Reflect.get(parser, 'getCurrentBuffer') === 'function' &&
    typeof Reflect.get(parser, onExecute) === 'function' &&
    Reflect.get(parser, onMessageBegin) === null
  )
}
