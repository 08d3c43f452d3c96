import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** Accepts connections, reads what comes and never answers. Tells its port first. */
const server = createServer((socket) => {
  socket.resume()
  socket.on('error', () => undefined)
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
