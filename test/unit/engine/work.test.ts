import { describe, expect, it } from 'vitest'
import { createBackground } from '../../../src-main/engine/background.ts'
import { createExclusive } from '../../../src-main/engine/exclusive.ts'
import { createPushHub } from '../../../src-main/engine/push.ts'
import { turns } from '../../support/fake-clock.ts'

describe('background work', () => {
  it('is waited for, also what it starts itself', async () => {
    const done: string[] = []
    const background = createBackground(() => undefined)
    background.run('outer', async () => {
      await turns(3)
      background.run('inner', async () => {
        await turns(3)
        done.push('inner')
      })
      done.push('outer')
    })
    await background.idle()
    expect(done).toEqual(['outer', 'inner'])
  })

  it('reports what it throws, and nothing else stops', async () => {
    const errors: string[] = []
    const background = createBackground((name, error) => errors.push(`${name}: ${String(error)}`))
    background.run('bad', () => Promise.reject(new Error('broken')))
    await background.idle()
    expect(errors).toEqual(['bad: Error: broken'])
  })

  it('reports what is worth a line, as it is', () => {
    const lines: string[] = []
    const background = createBackground((name, what) => lines.push(`${name}: ${String(what)}`))
    background.note('clock', 'The clock jumped.')
    expect(lines).toEqual(['clock: The clock jumped.'])
  })

  it('is told when it has to end', async () => {
    const background = createBackground(() => undefined)
    let rounds = 0
    background.run('long', async (stopping) => {
      while (!stopping.aborted) {
        rounds += 1
        await turns(1)
      }
    })
    await turns(3)
    await background.stop()
    expect(rounds).toBeGreaterThan(0)
  })
})

describe('exclusive work', () => {
  it('of one key goes one after the other, of other keys at once', async () => {
    const log: string[] = []
    const exclusive = createExclusive()
    const work = (key: string, name: string): Promise<string> =>
      exclusive.run(key, async () => {
        log.push(`${name} begins`)
        await turns(2)
        log.push(`${name} ends`)
        return name
      })
    expect(await Promise.all([work('a', '1'), work('a', '2'), work('b', '3')])).toEqual(['1', '2', '3'])
    expect(log.indexOf('2 begins')).toBeGreaterThan(log.indexOf('1 ends'))
    expect(log.indexOf('3 begins')).toBeLessThan(log.indexOf('1 ends'))
  })

  it('goes on after work that failed', async () => {
    const exclusive = createExclusive()
    const failed = exclusive.run('a', () => Promise.reject(new Error('broken')))
    const next = exclusive.run('a', () => Promise.resolve('fine'))
    await expect(failed).rejects.toThrow('broken')
    await expect(next).resolves.toBe('fine')
  })
})

describe('the push hub', () => {
  it('hands every event to every listener in order, whatever one of them throws', () => {
    const errors: unknown[] = []
    const seen: string[] = []
    const hub = createPushHub((error) => errors.push(error))
    hub.subscribe(() => {
      throw new Error('broken listener')
    })
    const stop = hub.subscribe((event) => seen.push(event.kind))
    hub.publish({ kind: 'reset' })
    stop()
    hub.publish({ kind: 'reset' })
    expect(seen).toEqual(['reset'])
    expect(errors).toHaveLength(2)
  })
})
