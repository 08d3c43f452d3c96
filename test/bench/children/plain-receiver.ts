import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A bare node:http receiver: reads each request to its end and answers 200. Tells its port first. */
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '2' })
    response.end('ok')
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
