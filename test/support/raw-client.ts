import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** A TCP client that sends exactly the bytes it is given; text is latin-1. */
export interface RawClient {
  readonly socket: Socket
  /** Everything received so far, as latin-1. */
  readonly received: string
  /** Writes one packet and gives the other side a turn to read it. */
  send(bytes: string | Uint8Array): Promise<void>
  /** Resolves with everything received once it matches. Rejects when the connection closes before. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with everything received when the other side has closed. */
  closed(): Promise<string>
}

/** Lets everything that is on its way within this process arrive. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await turn()
}

/** Connects to a port on loopback. With `halfOpen` the client's side stays open after the server's end. */
export async function connectRaw(
  port: number,
  { host = '127.0.0.1', halfOpen = false } = {},
): Promise<RawClient> {
  const socket = connect({ port, host, allowHalfOpen: halfOpen, noDelay: true })
  let received = ''
  let over = false
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const check of waiting) check()
  }
  socket.on('data', (data: Buffer) => {
    received += data.toString('latin1')
    look()
  })
  socket.on('error', () => undefined)
  for (const event of ['end', 'close']) {
    socket.on(event, () => {
      over = true
      look()
    })
  }
  await once(socket, 'connect')

  const when = (done: () => boolean, failure: () => Error | null): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const error = done() ? null : failure()
        if (error === null && !done()) return
        waiting.delete(check)
        if (error === null) resolve(received)
        else reject(error)
      }
      waiting.add(check)
      check()
    })

  return {
    socket,
    get received() {
      return received
    },
    async send(bytes) {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
      await turn()
      await turn()
    },
    until: (pattern) =>
      when(
        () => pattern.test(received),
        () => (over ? new Error(`closed before ${pattern}: ${JSON.stringify(received)}`) : null),
      ),
    closed: () =>
      when(
        () => over,
        () => null,
      ),
  }
}

/** Sends a whole request on a connection of its own and resolves with the answer's text when it matches. */
export async function exchangeRaw(port: number, bytes: string | Uint8Array, answer = /^HTTP[^]*\r\n\r\n/) {
  const client = await connectRaw(port)
  await client.send(bytes)
  const text = await client.until(answer)
  client.socket.destroy()
  return text
}
