import { describe, expect, it } from 'vitest'
import { createPushFeed, type FeedReader } from '../../../src-main/engine/push-feed.ts'
import { createPushHub } from '../../../src-main/engine/push.ts'

function newFeed() {
  const hub = createPushHub((error) => expect.unreachable(String(error)))
  let published = 0
  const publish = (count: number): void => {
    for (let n = 0; n < count; n += 1)
      hub.publish({ kind: 'configuration', of: 'settings', id: String((published += 1)) })
  }
  return { feed: createPushFeed(hub, 'launch'), publish }
}

function readAll(reader: FeedReader): { told: unknown[]; lastId: string } {
  const told: unknown[] = []
  let lastId = ''
  for (let next = reader.next(); next !== null; next = reader.next()) {
    lastId = next.id
    told.push(next.message.event === 'configuration' ? next.message.data.id : next.message.event)
  }
  return { told, lastId }
}

const nothing = (): void => undefined

describe('the feed', () => {
  it('tells a reader what happens while it listens', () => {
    const { feed, publish } = newFeed()
    publish(5)
    const reader = feed.open(null)
    feed.subscribe(nothing)
    publish(2)
    expect(readAll(reader).told).toEqual(['ready', '6', '7'])
  })

  it('lets a reader that was away go on where it was, as far back as it reaches', () => {
    const { feed, publish } = newFeed()
    const leave = feed.subscribe(nothing)
    const first = feed.open(null)
    publish(3)
    const { lastId } = readAll(first)
    leave()
    publish(4096)
    const back = readAll(feed.open(lastId)).told
    expect(back).toHaveLength(4097)
    expect(back.slice(0, 2)).toEqual(['ready', '4'])
    publish(1)
    expect(readAll(feed.open(lastId)).told).toEqual(['reset'])
  })

  it('keeps nothing for nobody, and everything again as soon as somebody listens', () => {
    const { feed, publish } = newFeed()
    const leave = feed.subscribe(nothing)
    publish(1)
    const { lastId } = readAll(feed.open(null))
    leave()
    publish(6000)
    expect(readAll(feed.open(lastId)).told).toEqual(['reset'])
    const reader = feed.open(lastId)
    feed.subscribe(nothing)
    publish(2)
    const { told, lastId: newest } = readAll(reader)
    expect(told).toEqual(['reset', '6002', '6003'])
    publish(1)
    expect(readAll(feed.open(newest)).told).toEqual(['ready', '6004'])
  })

  it('tells a reader that fell behind to read everything again', () => {
    const { feed, publish } = newFeed()
    feed.subscribe(nothing)
    const reader = feed.open(null)
    publish(5000)
    expect(readAll(reader).told).toEqual(['ready', 'reset'])
    publish(1)
    expect(readAll(reader).told).toEqual(['5001'])
  })
})
