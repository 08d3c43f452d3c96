import { expect, it } from 'vitest'
import { durableReads } from '../../../src-main/engine/use-cases/durable-reads.ts'

it('fault 16: what a read shows is on disk before it is answered; writes and health are not held up', async () => {
  let onDisk: () => void = () => undefined
  const durable = new Promise<void>((resolve) => {
    onDisk = resolve
  })
  const handlers = durableReads(
    {
      'deliveries.get': () => Promise.resolve('a delivery'),
      'events.raise': () => Promise.resolve('raised'),
      'health.get': () => Promise.resolve('healthy'),
    } as never,
    { durable: () => durable },
  )
  const call = (name: keyof typeof handlers): Promise<unknown> => handlers[name]({} as never)
  const order: unknown[] = []
  const read = call('deliveries.get').then((answer) => order.push(answer))
  order.push(await call('events.raise'), await call('health.get'))
  order.push('on disk')
  onDisk()
  await read
  expect(order).toEqual(['raised', 'healthy', 'on disk', 'a delivery'])
})
