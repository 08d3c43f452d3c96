import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
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
  /** The life that connections belong to from here on. */
  life: number
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
    const entry: DrillRequest = { life: lives.get(request.socket) ?? receiver.life, answered: null }
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
  server.on('connection', (socket: Socket) => lives.set(socket, receiver.life))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const receiver: DrillReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    life: 0,
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
