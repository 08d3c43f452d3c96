import { describe, expect, it } from 'vitest'
import { createIds } from '../../../src-main/engine/ids.ts'
import { deliveryIdSchema, eventIdSchema } from '../../../src-shared/model/ids.ts'
import { createFakeClock, fakeStart } from '../../support/fake-clock.ts'
import { repeatableRandom } from '../providers/context.ts'

const uuidTime = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16)

const distinctInOrder = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted()

describe('ids', () => {
  it('are UUIDs of version 7 that carry the time', () => {
    const ids = createIds(createFakeClock(), repeatableRandom())
    const id = ids.uuid()
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(deliveryIdSchema.safeParse(id).success).toBe(true)
    expect(uuidTime(id)).toBe(fakeStart)
  })

  it('are ULIDs in lower case that carry the time', () => {
    const ids = createIds(createFakeClock(), repeatableRandom())
    const id = ids.ulid()
    expect(id).toMatch(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/)
    expect(eventIdSchema.safeParse(id).success).toBe(true)
    const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
    const time = id
      .slice(0, 10)
      .split('')
      .reduce((sum, letter) => sum * 32 + alphabet.indexOf(letter), 0)
    expect(time).toBe(fakeStart)
  })

  it.each(['uuid', 'ulid'] as const)('keep their order within one millisecond (%s)', (kind) => {
    const ids = createIds(createFakeClock(), repeatableRandom())
    // More than the counter of one millisecond can hold.
    const made = Array.from({ length: 10_000 }, () => ids[kind]())
    expect(made).toEqual(distinctInOrder(made))
  })

  it.each(['uuid', 'ulid'] as const)('keep their order when the clock goes back (%s)', (kind) => {
    const clock = createFakeClock()
    const ids = createIds(clock, repeatableRandom())
    const made = [ids[kind]()]
    clock.jumpWall(-3_600_000)
    made.push(ids[kind](), ids[kind]())
    clock.jumpWall(7_200_000)
    made.push(ids[kind]())
    expect(made).toEqual(distinctInOrder(made))
  })

  it('take their chance from the port', () => {
    const make = (seed: number): string => createIds(createFakeClock(), repeatableRandom(seed)).uuid()
    expect(make(1)).toBe(make(1))
    expect(make(1)).not.toBe(make(2))
  })

  it('are words of the wanted length where a short one will do', () => {
    const ids = createIds(createFakeClock(), repeatableRandom())
    expect(ids.word(16)).toMatch(/^[0-9a-z]{16}$/)
    expect(ids.word(16)).not.toBe(ids.word(16))
  })
})
