import { createReceiver } from '../../../src-main/capture/receiver.ts'
import { systemClock } from '../../../src-main/system-clock.ts'

/** A receiver in a process of its own; prints its port. */
const receiver = createReceiver({
  clock: systemClock,
  host: '127.0.0.1',
  port: 0,
  handle: () => Promise.resolve({ status: 200, headers: [], body: Buffer.from('kept') }),
})
await receiver.listen()
process.stdout.write(`${receiver.port}\n`)
