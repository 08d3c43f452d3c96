import { parseArgs } from 'node:util'
import { runCrashDrill } from '../support/crash-drill.ts'

/** The long form of the crash test: `npm run soak -- [--kills 50] [--seed 1]`. */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '50' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
print(`fault 16: ${values.kills} kills, seed ${seed}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  const result = await runCrashDrill({ kills: Number(values.kills), seed, log: print })
  print(JSON.stringify(result, null, 2))
} catch (error) {
  print(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
}
