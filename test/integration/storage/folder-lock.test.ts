import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockFolder, lockOwner, type LockOwner } from '../../../src-main/storage/folder-lock.ts'
import type { LockerOrder, LockerReport } from './run-locker.ts'
import { temporaryFolder } from './stores.ts'

interface Locker {
  readonly child: ChildProcess
  readonly take: (folder: string) => Promise<LockerReport>
  readonly release: () => Promise<LockerReport>
}

/** A process that waits for the word to take a lock. */
async function locker(command: string): Promise<Locker> {
  const script = fileURLToPath(new URL('./run-locker.ts', import.meta.url))
  const child = fork(script, [command], { execArgv: [] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  const tell = async (order: LockerOrder): Promise<LockerReport> => {
    const answer = once(child, 'message')
    child.send(order)
    const [report]: unknown[] = await answer
    return report as LockerReport
  }
  return { child, take: (folder) => tell({ take: folder }), release: () => tell({ release: true }) }
}

async function kill(child: ChildProcess): Promise<number> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return child.pid ?? 0
}

const lockPath = (folder: string): string => join(folder, 'lock')

async function ownerIn(folder: string): Promise<LockOwner> {
  return JSON.parse(await readFile(lockPath(folder), 'utf8')) as LockOwner
}

describe('the lock of a data folder', () => {
  it('fault 24: a second process is refused, naming the first and its command', async () => {
    const folder = await temporaryFolder()
    const { child, take, release } = await locker('hookbench serve')
    expect(await take(folder)).toEqual({ kind: 'locked' })
    expect(await lockOwner(folder)).toMatchObject({ pid: child.pid, command: 'hookbench serve' })
    await expect(lockFolder(folder, 'Hookbench')).rejects.toMatchObject({
      code: 'data_folder_in_use',
      details: { folder, pid: child.pid, command: 'hookbench serve' },
    })
    await release()
    expect(await lockOwner(folder)).toBeNull()
    const lock = await lockFolder(folder, 'Hookbench')
    expect(await take(folder)).toMatchObject({
      kind: 'refused',
      code: 'data_folder_in_use',
      message: expect.stringContaining(`process ${process.pid} (Hookbench)`),
    })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('fault 25: the lock of a process that was killed is taken over', async () => {
    const folder = await temporaryFolder()
    const { child, take } = await locker('hookbench serve')
    await take(folder)
    await kill(child)
    expect(await lockOwner(folder)).toBeNull()
    const lock = await lockFolder(folder, 'Hookbench')
    expect(await ownerIn(folder)).toMatchObject({ pid: process.pid, command: 'Hookbench' })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('fault 25: a pid that something else has by now does not count', async () => {
    const folder = await temporaryFolder()
    const owner: LockOwner = {
      pid: process.pid,
      process_started: 'another-boot:1',
      command: 'x',
      nonce: '0123456789abcdef',
    }
    await writeFile(lockPath(folder), JSON.stringify(owner))
    expect(await lockOwner(folder)).toBeNull()
    await lockFolder(folder, 'Hookbench')
    expect((await ownerIn(folder)).nonce).not.toBe(owner.nonce)
  })

  it('a living pid counts where the system does not tell start times', async () => {
    const folder = await temporaryFolder()
    const owner: LockOwner = {
      pid: process.pid,
      process_started: null,
      command: 'x',
      nonce: '0123456789abcdef',
    }
    await writeFile(lockPath(folder), JSON.stringify(owner))
    await expect(lockFolder(folder, 'Hookbench')).rejects.toMatchObject({ code: 'data_folder_in_use' })
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '\0\0\0\0'],
    ['something else', 'null'],
    [
      'a process group',
      JSON.stringify({ pid: 0, process_started: null, command: '', nonce: '0123456789abcdef' }),
    ],
    ['a path', JSON.stringify({ pid: 1, process_started: null, command: '', nonce: '../../evil' })],
  ])('fault 25: a lock that holds %s is taken over', async (_name, text) => {
    const folder = await temporaryFolder()
    await writeFile(lockPath(folder), text)
    const lock = await lockFolder(folder, 'Hookbench')
    expect(await ownerIn(folder)).toMatchObject({ pid: process.pid })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('fault 25: a claim whose holder died in the middle of taking over does not keep others out', async () => {
    const folder = await temporaryFolder()
    const dead = (nonce: string): string =>
      JSON.stringify({ pid: process.pid, process_started: 'another-boot:1', command: 'x', nonce })
    await writeFile(lockPath(folder), dead('1111111111111111'))
    await writeFile(`${lockPath(folder)}.claim-1111111111111111`, dead('2222222222222222'))
    await writeFile(
      `${lockPath(folder)}.claim-1111111111111111.claim-2222222222222222`,
      dead('3333333333333333'),
    )
    const lock = await lockFolder(folder, 'Hookbench')
    expect(await ownerIn(folder)).toMatchObject({ pid: process.pid })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves a lock that is no longer its own when it is released', async () => {
    const folder = await temporaryFolder()
    const lock = await lockFolder(folder, 'Hookbench')
    const other = JSON.stringify({ ...(await ownerIn(folder)), nonce: 'ffffffffffffffff' })
    await writeFile(lockPath(folder), other)
    await lock.release()
    expect(await readFile(lockPath(folder), 'utf8')).toBe(other)
  })

  it('fault 25: of many that race to take over a stale lock exactly one wins', async () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = await temporaryFolder()
      const owner = {
        pid: process.pid,
        process_started: 'another-boot:1',
        command: 'x',
        nonce: '0123456789abcdef',
      }
      await writeFile(lockPath(folder), JSON.stringify(owner))
      // Started one after another, so that some find the stale lock and come late with their claim to it.
      const results = await Promise.allSettled(
        Array.from({ length: 24 }, async (_, index) => {
          for (let turn = 0; turn < index; turn += 1) await new Promise(setImmediate)
          return lockFolder(folder, `racer ${index}`)
        }),
      )
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await readdir(folder)).toEqual(['lock'])
    }
  })

  it('fault 25: of two processes that race to take over a stale lock exactly one wins', async () => {
    const racers = await Promise.all([locker('first'), locker('second')])
    for (let round = 0; round < 20; round += 1) {
      const folder = await temporaryFolder()
      const owner = {
        pid: process.pid,
        process_started: 'another-boot:1',
        command: 'x',
        nonce: '0123456789abcdef',
      }
      await writeFile(lockPath(folder), JSON.stringify(owner))
      const reports = await Promise.all(racers.map(({ take }) => take(folder)))
      expect(reports.map(({ kind }) => kind).sort()).toEqual(['locked', 'refused'])
      const winner = racers[reports.findIndex(({ kind }) => kind === 'locked')]
      expect(await lockOwner(folder)).toMatchObject({ pid: winner?.child.pid })
      await winner?.release()
      expect(await readdir(folder)).toEqual([])
    }
  })
})
