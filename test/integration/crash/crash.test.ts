import { expect, it } from 'vitest'
import { runCrashDrill } from '../../support/crash-drill.ts'

it('fault 16: after kill -9 at any moment nothing acknowledged is lost, nothing is stuck, and repeats keep their id', async () => {
  const seed = Number(process.env['HOOKBENCH_CRASH_SEED'] ?? Date.now() % 1_000_000)
  const result = await runCrashDrill({ kills: 10, seed })
  expect(result.acknowledgedEvents, `seed ${seed}`).toBeGreaterThan(50)
  expect(result.interrupted, `seed ${seed}`).toBeGreaterThan(0)
}, 120_000)
