import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bytesOf } from './records.ts'
import { payloadBytes } from './killed-writer.ts'
import { eventsIn, expectPayload, open, temporaryFolder } from './stores.ts'

/** Runs the writer and kills it `afterMs` into its `compactions`-th compaction. @returns what it acknowledged */
async function writeAndKill(
  folder: string,
  from: number,
  compactions: number,
  afterMs: number,
): Promise<number[]> {
  const script = fileURLToPath(new URL('./run-writer.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const acknowledged: number[] = []
  let begun = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'compacting') {
      acknowledged.push(Number(line))
      continue
    }
    begun += 1
    // The moment of the kill is the fault, not something to wait for.
    if (begun === compactions) setTimeout(() => child.kill('SIGKILL'), afterMs)
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return acknowledged
}

describe('a process that is killed', () => {
  it('fault 17: during compaction, again and again: opens each time with all that was acknowledged', async () => {
    const folder = await temporaryFolder()
    const acknowledged: number[] = []
    let from = 1
    for (let round = 0; round < 6; round += 1) {
      const moment = Math.random() * 250
      acknowledged.push(...(await writeAndKill(folder, from, 1 + (round % 3), moment)))
      const store = await open(folder)
      // A record that was being written may be torn; a snapshot never is.
      expect(
        store.damage.filter(({ file }) => file.startsWith('snapshot')),
        `killed after ${moment} ms`,
      ).toEqual([])
      const found = await eventsIn(store)
      expect(found).toEqual(expect.arrayContaining(acknowledged))
      for (const n of found) await expectPayload(store, n, bytesOf(n, payloadBytes(n)))
      from = (found.at(-1) ?? 0) + 1
      await store.close()
    }
    expect(acknowledged.length).toBeGreaterThan(50)
  }, 60_000)
})
