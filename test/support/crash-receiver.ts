import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** One request as the drill's receiver saw it. */
export interface DrillRequest {
  /** The life of the server that sent it: by its connection, so that nothing is put down to a later one. */
  readonly life: number
  /** Null until it is answered; it never is when the sender dies first. */
  answered: number | null
}

/** Records every request by its delivery id, and answers 200 or, by chance, 500 and late. */
export interface DrillReceiver {
  readonly url: string
  /**
   * Another life begins: connections belong to it from here on. Those that the life before made may still wait to be
   * accepted; they are taken in their order, so a connection of our own tells when the last of them is in.
   */
  nextLife(): Promise<void>
  /** From here on everything is answered with 200 at once. */
  calm: boolean
  /** Every request of a delivery, in order. */
  requests(deliveryId: string): readonly DrillRequest[]
  readonly deliveryIds: () => Iterable<string>
  /** Told of each request as it arrives. */
  onRequest: (deliveryId: string) => void
  close(): Promise<void>
}

const errorShare = 0.1
const lateShare = 0.15
const latestMs = 400

export async function startDrillReceiver(chance: () => number): Promise<DrillReceiver> {
  const seen = new Map<string, DrillRequest[]>()
  const lives = new WeakMap<Socket, number>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = String(request.headers['x-leadpush-delivery'])
    const entry: DrillRequest = { life: lives.get(request.socket) ?? life, answered: null }
    const entries = seen.get(id)
    if (entries === undefined) seen.set(id, [entry])
    else entries.push(entry)
    receiver.onRequest(id)
    if (!receiver.calm && chance() < lateShare) await delay(chance() * latestMs)
    if (response.destroyed) return
    const status = !receiver.calm && chance() < errorShare ? 500 : 200
    response.writeHead(status, { 'content-length': '0' })
    response.end()
    entry.answered = status
  }
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume()
    request.on('error', () => undefined)
    request.on('end', () => void answer(request, response))
  })
  let life = 0
  const accepted = new Set<number>()
  let marker: { readonly port: number | undefined; readonly arrived: () => void } | null = null
  server.on('connection', (socket: Socket) => {
    lives.set(socket, life)
    accepted.add(socket.remotePort ?? 0)
    if (marker !== null && socket.remotePort === marker.port) marker.arrived()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const receiver: DrillReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    async nextLife() {
      accepted.clear()
      const own = connect((server.address() as AddressInfo).port, '127.0.0.1')
      await once(own, 'connect')
      // Connected is not accepted yet: that comes with the event loop's next look at the server.
      await new Promise<void>((resolve) => {
        marker = { port: own.localPort, arrived: resolve }
        if (accepted.has(own.localPort ?? 0)) resolve()
      })
      marker = null
      own.destroy()
      life += 1
    },
    calm: false,
    requests: (id) => seen.get(id) ?? [],
    deliveryIds: () => seen.keys(),
    onRequest: () => undefined,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
