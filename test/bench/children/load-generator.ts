import { createHmac, randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { serveParent } from '../../support/bench-child.ts'

/**
 * Load over raw sockets: every request's bytes are made before the clock starts, and of an answer only its status and
 * end are looked at. So it is faster than any HTTP server in JavaScript.
 */
export interface LoadOrder {
  readonly port: number
  readonly path: string
  readonly connections: number
  readonly requests: number
  readonly bodyBytes: number
  readonly secret: string
}

type Message = { readonly prepare: LoadOrder } | { readonly run: true }

const requests: Buffer[] = []
let sockets: Socket[] = []

serveParent(async (message: Message) => {
  if ('prepare' in message) {
    const order = message.prepare
    for (let index = 0; index < order.requests; index += 1) requests.push(signedRequest(order))
    sockets = await Promise.all(Array.from({ length: order.connections }, () => opened(order.port)))
    return
  }
  await Promise.all(sockets.map((socket) => sendAll(socket)))
  for (const socket of sockets) socket.destroy()
})

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Sends one request after the other until none is left. */
function sendAll(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const sendNext = (): void => {
      const request = requests.pop()
      if (request === undefined) resolve()
      else socket.write(request)
    }
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      if (!isWhole(answer)) return
      if (!answer.startsWith('HTTP/1.1 200')) return reject(new Error(`answered ${answer.slice(0, 200)}`))
      answer = ''
      sendNext()
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed a connection')))
    sendNext()
  })
}

const lengthName = 'content-length: '

function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n')
  if (headEnd === -1) return false
  const head = answer.slice(0, headEnd).toLowerCase()
  const at = head.indexOf(lengthName)
  const length = at === -1 ? 0 : Number.parseInt(head.slice(at + lengthName.length), 10)
  return answer.length >= headEnd + 4 + length
}

/** As leadpush sends it; each with its own delivery id. */
function signedRequest({ path, bodyBytes, secret }: LoadOrder): Buffer {
  const id = randomUUID()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const start = `{"event":{"id":"${id}","type":"contact.created"},"note":"`
  const body = `${start}${'x'.repeat(bodyBytes - start.length - 2)}"}`
  const signature = createHmac('sha256', secret).update(`${timestamp}.${id}.${body}`).digest('hex')
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'User-Agent: Leadpush-Webhooks/1.0',
    'Content-Type: application/json',
    `X-Leadpush-Delivery: ${id}`,
    'X-Leadpush-Event: contact.created',
    `X-Leadpush-Timestamp: ${timestamp}`,
    `X-Leadpush-Signature: sha256=${signature}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1')
}
