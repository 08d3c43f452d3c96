import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLogFile } from '../../../src-main/electron/log-file.ts'
import { SecretMask } from '../../../src-main/electron/secret-mask.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

function logging(fullBytes?: number) {
  const folder = join(temporaryFolder(), 'logs')
  const path = join(folder, 'desktop.log')
  const clock = createFakeClock()
  const mask = new SecretMask()
  const open = () => openLogFile(path, () => clock.now(), mask.mask, fullBytes)
  return { folder, path, clock, mask, open, log: open() }
}
const text = (path: string): string => readFileSync(path, 'utf8')

describe('the log file', () => {
  it('has a line with its time for each thing, and is the user’s own', async () => {
    const { folder, path, clock, log } = logging()
    expect(existsSync(folder)).toBe(false)
    log.write('started')
    await clock.advance(1500)
    log.write('ended')
    expect(text(path)).toBe('2026-04-22T18:30:00.000Z started\n2026-04-22T18:30:01.500Z ended\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('goes on after a restart', () => {
    const { path, open, log } = logging()
    log.write('one')
    open().write('two')
    expect(text(path).trim().split('\n')).toHaveLength(2)
  })

  it('holds no secret, not one of several lines either', () => {
    const { path, mask, log } = logging()
    mask.learn('whsec_very_secret')
    mask.learn('first line of a key\nsecond line of a key')
    log.write('uncaught: Error: bad key whsec_very_secret\n    at x (whsec_very_secret)')
    log.write(JSON.stringify({ key: 'first line of a key\nsecond line of a key' }))
    log.write('could not parse first line of a key\nsecond line of a key')
    log.write('only second line of a key')
    expect(text(path)).not.toMatch(/very_secret|line of a key/)
    expect(text(path).match(/••••/g)).toHaveLength(5)
  })

  it('shows what belongs to one entry indented, and steers no terminal', () => {
    const { path, log } = logging()
    log.write('Error: x\r\n    at y\nred \u001B[31mtext\u0007\u009B2J\rover')
    expect(text(path)).toBe(
      '2026-04-22T18:30:00.000Z Error: x\n      at y\n  red \\x1b[31mtext\\x07\\x9b2J\\x0dover\n',
    )
  })

  it('is moved away when it is full; two older ones are kept', () => {
    const { folder, path, log } = logging(100)
    for (let n = 0; n < 40; n += 1) log.write(`entry number ${n}`)
    expect(readdirSync(folder).toSorted()).toEqual(['desktop.log', 'desktop.log.1', 'desktop.log.2'])
    const all = [`${path}.2`, `${path}.1`, path].map(text).join('')
    const numbers = [...all.matchAll(/number (\d+)/g)].map(([, number]) => Number(number))
    expect(numbers.length).toBeGreaterThanOrEqual(6)
    expect(numbers).toEqual(numbers.map((_, index) => 40 - numbers.length + index))
    for (const each of readdirSync(folder)) expect(statSync(join(folder, each)).size).toBeLessThan(200)
  })

  it('rather grows than loses a line when the old one can not be moved', () => {
    const { path, log } = logging(10)
    log.write('first')
    // Its name is taken by a folder that holds something.
    mkdirSync(`${path}.2`)
    writeFileSync(join(`${path}.2`, 'x'), 'x')
    log.write('second')
    log.write('third')
    expect(text(path)).toMatch(/first\n.*second\n.*third\n/)
  })

  it('never takes the program with it', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'logs'), 'a file where the folder should be')
    const log = openLogFile(join(folder, 'logs', 'desktop.log'), () => 0, String)
    expect(() => log.write('lost')).not.toThrow()
  })
})
